import { expect, test } from 'vitest'
import { changed, everywhere, isMissingSomewhere, leftFor, reach, rowsOf, withOneMore, without } from './common'
import type { Common } from './common'

const template = (Id: string, DefaultValue = '') => ({ Id, Name: Id, Label: '', HelpText: '', DefaultValue, DisplaySettings: {} })
const host = template('Host')
const none: Common = { TenantId: 'T', SpaceId: 'S', Variables: [], MissingVariables: [] }

test('one value for everywhere, others for some environments', () => {
  let list = everywhere(none, 'L', host, 'a')
  list = withOneMore(list, 'L', host, ['E1'], 'b')
  list = everywhere(list, 'L', host, 'c')
  const rows = rowsOf(list, 'L', 'Host')
  expect([rows.everywhere?.value.Value, rows.some.map((r) => r.value.Value)]).toEqual(['c', ['b']])
  expect(rowsOf(list, 'M', 'Host')).toEqual({ everywhere: undefined, some: [] })
  expect(leftFor(rows.some, undefined, ['E1', 'E2'])).toEqual(['E2'])
  expect(leftFor(rows.some, rows.some[0]!.index, ['E1', 'E2'])).toEqual(['E1', 'E2'])
  list = changed(list, rows.some[0]!.index, { Scope: { EnvironmentIds: ['E2'] } })
  expect(rowsOf(list, 'L', 'Host').some[0]?.value.Scope.EnvironmentIds).toEqual(['E2'])
  expect(everywhere(without(list, 1), 'L', host, undefined).Variables).toEqual([])
  expect(everywhere(none, 'L', host, undefined)).toBe(none)
})

test('missing is what no row covers', () => {
  const some = withOneMore(none, 'L', host, ['E1'], 'b')
  expect(isMissingSomewhere(none, 'L', host, ['E1'])).toBe(true)
  expect(isMissingSomewhere(none, 'L', template('Host', 'x'), ['E1'])).toBe(false)
  expect(isMissingSomewhere(some, 'L', host, ['E1'])).toBe(false)
  expect(isMissingSomewhere(some, 'L', host, ['E1', 'E2'])).toBe(true)
  expect(isMissingSomewhere(everywhere(some, 'L', host, ''), 'L', host, ['E1', 'E2'])).toBe(false)
})

test('where the tenant gets a set, as far as the server has said', () => {
  const stored = { ...withOneMore(none, 'L', host, ['E1'], 'b'), MissingVariables: withOneMore(none, 'L', host, ['E2'], '').Variables }
  expect(reach(stored, 'L', ['E1', 'E2', 'E3'])).toEqual(['E1', 'E2'])
  expect(reach(none, 'L', ['E1', 'E3'])).toEqual(['E1', 'E3'])
})
