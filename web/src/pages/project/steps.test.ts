import { expect, test } from 'vitest'
import { freeName, newAction, newStep, packageType, scriptType, textOf } from './beginning'
import type { Action, Step } from './beginning'
import { move } from '../../parts/move'
import { nextWords, whyNot } from './next'
import { copyOf, fromSource, indexOf, newReference, referenceProblem, renamed, stepAt, windowProblem, withAction, withProperties, withReference } from './steps'

test('steps move, and nothing else does', () => {
  expect(move(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
  expect(move(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(move(['a', 'b'], 1, 2)).toEqual(['a', 'b'])
})

test('an address names a step by its ID, or by its name', () => {
  const steps = [{ Id: 'a', Name: 'Build' }, { Id: '', Name: 'New' }, { Id: 'c', Name: 'Test' }]
  expect(['c', 'Test', 'New', 'gone', ''].map((named) => indexOf(steps, named))).toEqual([2, 2, 1, 0, 0])
})

test('an address that names only an action is that of its step', () => {
  const steps = [newStep(scriptType, 'Build'), { ...newStep(scriptType, 'Roll'), Id: 'r', Actions: [{ ...newAction(scriptType, 'One'), Id: '1' }, { ...newAction(scriptType, 'Two'), Id: '2' }] }] as Step[]
  expect([['', '2'], ['', 'One'], ['r', 'gone'], ['Build', '2'], ['', 'gone'], ['', '']].map(([step, action]) => stepAt(steps, step!, action!))).toEqual([1, 1, 1, 0, 0, 0])
})

test('a copy has names and IDs of its own', () => {
  const step = { ...newStep(scriptType, 'Build'), Id: 'x' } as Step
  const copy = copyOf(step, ['Build', 'Build (copy)'])
  expect(copy).toMatchObject({ Id: '', Name: 'Build (copy) 2' })
  expect(copy.Actions[0]).toMatchObject({ Id: '', Name: 'Build (copy) 2' })
  expect(renamed(copy, 'New').Actions[0]?.Name).toBe('New')
})

test('an empty value removes a property', () => {
  expect(withProperties({ Properties: { a: '1', b: '2' } }, { a: '', c: '3' }).Properties).toEqual({ b: '2', c: '3' })
})

test('names are free', () => {
  expect(freeName('A', [])).toBe('A')
  expect(freeName('A', ['A', 'A 2'])).toBe('A 3')
})

test('a new step runs where its type can', () => {
  expect(newStep(packageType, 'P', 'web').Properties).toEqual({ 'Octopus.Action.TargetRoles': 'web' })
  expect(newStep(scriptType, 'S').Actions?.[0]?.Properties['Octopus.Action.RunOnServer']).toBe('true')
})

test('how a phase stands, in words', () => {
  const phase = { Blocked: false, Progress: 'Current', IsOptionalPhase: false, MinimumEnvironmentsBeforePromotion: 2 }
  expect(nextWords(phase)).toContain('2')
  expect(nextWords({ ...phase, Blocked: true })).toContain('blocked')
  expect(nextWords({ ...phase, Progress: 'Complete' })).toBe('done')
})

test('a window is a number of machines or a variable', () => {
  expect(['', '1', '25', '#{Width}', '2#{More}'].map(windowProblem)).toEqual([undefined, undefined, undefined, undefined, undefined])
  for (const bad of ['0', '-1', 'many', '1.5', ' ']) expect(windowProblem(bad)).toBeDefined()
})

test('a step has several actions, and one is changed', () => {
  const step = newStep(scriptType, 'Roll', 'web') as Step
  const both = { ...step, Actions: [...step.Actions, newAction(packageType, 'Bring') as Action] }
  expect(withAction(both, (a) => ({ ...a, Name: 'Other' }), 1).Actions.map((a) => a.Name)).toEqual(['Roll', 'Other'])
  expect(renamed(both, 'New').Actions.map((a) => a.Name)).toEqual(['Roll', 'Bring'])
})

test('a script comes from the step or from a package', () => {
  const action = newAction(scriptType, 'S') as Action
  const packaged = { ...fromSource(action, 'Package'), Packages: [{ Name: '', PackageId: 'P' }, { Name: 'more', PackageId: 'Q' }] } as Action
  expect(textOf(packaged.Properties['Octopus.Action.Script.ScriptBody'])).toBe('')
  expect(fromSource(packaged, 'Inline').Packages.map((p) => p.PackageId)).toEqual(['Q'])
})

test('a script refers to packages by unique names', () => {
  const tools = { ...newReference(), Name: 'tools', PackageId: 'Shop.Tools' }
  const one = withReference(newAction(scriptType, 'S') as Action, undefined, tools)
  expect(one.Packages.map((p) => p.Name)).toEqual(['tools'])
  expect(withReference(one, 'tools', { ...tools, Name: 'other' }).Packages.map((p) => p.Name)).toEqual(['other'])
  expect(referenceProblem(tools, ['more'])).toBeUndefined()
  expect(referenceProblem(tools, ['Tools'])?.field).toBe('Name')
  expect(referenceProblem({ ...tools, Name: ' ' }, [])?.field).toBe('Name')
  expect(referenceProblem({ ...tools, PackageId: '' }, [])?.field).toBe('PackageId')
})

test('why a release cannot go somewhere', () => {
  const phase = (Name: string, environment: string, IsOptionalPhase = false) => ({ Name, IsOptionalPhase, AutomaticDeploymentTargets: [], OptionalDeploymentTargets: [environment] })
  const way = [phase('Try', 'E1'), phase('Look', 'E2', true), phase('Live', 'E3')]
  expect(['E1', 'E2', 'E3', 'E9'].map((e) => whyNot(e, way, ['E1'], false))).toEqual(['', 'after Try', 'after Try', 'not in its lifecycle'])
  expect(whyNot('E3', way, ['E3'], true)).toBe('blocked')
  expect(whyNot('E3', [], [], false)).toBe('')
})
