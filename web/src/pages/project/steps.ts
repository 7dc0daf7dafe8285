// Changes to a process that is being edited. Each returns a new list.
import type { Action, Step } from './beginning'
import { freeName } from './beginning'

/** A copy of a step, which the server gives IDs of its own. */
export function copyOf(step: Step, taken: string[]): Step {
  const name = freeName(`${step.Name} (copy)`, taken)
  return { ...step, Id: '', Slug: '', Name: name, Actions: step.Actions.map((a) => ({ ...a, Id: '', Slug: '', Name: step.Actions.length === 1 ? name : freeName(`${a.Name} (copy)`, taken) })) }
}

/** Renames a step, and its action with it where it has one. */
export function renamed(step: Step, name: string): Step {
  return { ...step, Name: name, Actions: step.Actions.length === 1 ? step.Actions.map((a) => ({ ...a, Name: name })) : step.Actions }
}

export const withAction = (step: Step, change: (a: Action) => Action, index = 0): Step => ({ ...step, Actions: step.Actions.map((a, i) => (i === index ? change(a) : a)) })

/** Sets properties; an empty value removes one. */
export function withProperties<T extends { Properties: Record<string, unknown> }>(thing: T, values: Record<string, string>): T {
  const properties = { ...thing.Properties }
  for (const [name, value] of Object.entries(values)) {
    if (value === '') delete properties[name]
    else properties[name] = value
  }
  return { ...thing, Properties: properties }
}

/** A script from another source: one that stands in the step needs no package, and one from a package no body. */
export function fromSource(action: Action, source: string): Action {
  const name = (n: string) => `Octopus.Action.${n}`
  if (source === 'Package') return withProperties(action, { [name('Script.ScriptSource')]: source, [name('Script.ScriptBody')]: '' })
  const next = withProperties(action, { [name('Script.ScriptSource')]: source, [name('Script.ScriptFileName')]: '', [name('Package.PackageId')]: '', [name('Package.FeedId')]: '' })
  return { ...next, Packages: action.Packages.filter((p) => p.Name !== '') }
}

/** What is wrong with a window; nothing for a number of machines, a variable, or none. */
export function windowProblem(text: string): string | undefined {
  return text === '' || text.includes('#{') || /^[1-9]\d*$/.test(text) ? undefined : 'A number of machines, from 1, or a variable such as #{Width}'
}

export type Reference = Action['Packages'][number]

/** A package that a script refers to: it is brought to where the script runs, and extracted there. */
export const newReference = (): Reference => ({ Id: '', Name: '', PackageId: '', FeedId: 'feeds-builtin', AcquisitionLocation: 'Server', Properties: { Extract: 'True' }, Version: null, StepPackageInputsReferenceId: null })

/** An action with a reference in the place of the one that had this name, or with one more. */
export function withReference(action: Action, was: string | undefined, r: Reference): Action {
  const packages = was === undefined ? [...action.Packages, r] : action.Packages.map((p) => (p.Name === was ? r : p))
  return { ...action, Packages: packages }
}

/** What is wrong with a reference; names are unique in an action. */
export function referenceProblem(r: Reference, others: string[]): { field: 'Name' | 'PackageId'; text: string } | undefined {
  if (r.PackageId.trim() === '') return { field: 'PackageId', text: 'Name a package' }
  if (r.Name.trim() === '') return { field: 'Name', text: 'Name it' }
  if (others.some((o) => o.toLowerCase() === r.Name.toLowerCase())) return { field: 'Name', text: 'Another package of this step has this name' }
  return undefined
}

/** Where the step or the action stands that an address names, by its ID or its name; the first where it names none that there is. */
export const indexOf = (steps: Pick<Step, 'Id' | 'Name'>[], named: string): number => Math.max(0, steps.findIndex((s) => named !== '' && (s.Id === named || s.Name === named)))

/** The same, where the address may name no step but one of its actions. */
export function stepAt(steps: Pick<Step, 'Id' | 'Name' | 'Actions'>[], step: string, action: string): number {
  if (step !== '' || action === '') return indexOf(steps, step)
  return Math.max(0, steps.findIndex((s) => s.Actions.some((a) => a.Id === action || a.Name === action)))
}
