import { expect, test } from 'vitest'
import { chips, choices, doubled, fromValues, newVariable, ordered, toValues } from './scope'
import type { ScopeValues } from './scope'

const values: ScopeValues = { Environments: [{ Id: 'Environments-1', Name: 'Production' }], Roles: [{ Id: 'web', Name: 'web' }], Machines: [], Actions: [], Channels: [], TenantTags: [{ Id: 'Region/West: 1', Name: 'Region/West: 1' }], Processes: [] }

test('scopes go to the list and back', () => {
  const scope = { Environment: ['Environments-1'], TenantTag: ['Region/West: 1'] }
  expect(fromValues(toValues(scope))).toEqual(scope)
  expect(choices(values).map((g) => g.group)).toEqual(['Environment', 'Role', 'Tenant tag'])
})

test('chips have names, and IDs where nobody knows the name', () => {
  expect(chips({ Environment: ['Environments-1', 'Environments-9'], Odd: ['x'] }, values).map((c) => c.label)).toEqual(['Production', 'Environments-9', 'x'])
})

test('two rows of one name and scope are told', () => {
  const v = (name: string, scope = {}) => ({ ...newVariable(name), Scope: scope })
  expect(doubled([v('A'), v('a'), v('B', { Role: ['x', 'y'] }), v('B', { Role: ['y', 'x'] }), v('C'), v('C', { Role: ['x'] })])).toEqual(['a', 'B'])
  expect(ordered([v('b'), v('A'), v('B')]).map((o) => o.index)).toEqual([1, 0, 2])
})
