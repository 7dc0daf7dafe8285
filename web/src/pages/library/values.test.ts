import { expect, test } from 'vitest'
import type { Schemas } from '../../api/schema'
import { changes, isMissing, places, valueAt, withValue } from './values'
import type { Place, Values } from './values'

const template = (Id: string, DefaultValue: Schemas['Property'] = '') => ({ Id, Name: Id, Label: '', HelpText: '', DefaultValue, DisplaySettings: {} })

const doc: Values = {
  Id: '', TenantId: 'Tenants-1', TenantName: 'Acme', SpaceId: '', ConcurrencyToken: '', Links: {},
  LibraryVariables: { L: { LibraryVariableSetId: 'L', LibraryVariableSetName: 'Common', Links: {}, Templates: [template('Host'), { ...template('x'), Name: '' }], Variables: {} } },
  ProjectVariables: { P: { ProjectId: 'P', ProjectName: 'Shop', Links: {}, Templates: [template('Port', '80'), template('Key')], Variables: { E2: {}, E1: { Key: { HasValue: true, NewValue: null, Hint: null } } } } },
}
const host: Place = { owner: 'L', template: template('Host') }
const key = (environment: string): Place => ({ owner: 'P', template: template('Key'), environment })

test('places stand in the order of the environments, sets of the library first', () => {
  expect(places(doc, ['E1', 'E2']).map((o) => [o.name, o.places.map((p) => `${p.template.Name} ${p.environment ?? ''}`.trim())])).toEqual([
    ['Common', ['Host']],
    ['Shop', ['Port E1', 'Port E2', 'Key E1', 'Key E2']],
  ])
})

test('missing is what has neither a value nor a default', () => {
  expect([host, key('E1'), key('E2'), { ...key('E2'), template: template('Port', '80') }].map((p) => isMissing(doc, p))).toEqual([true, false, true, false])
})

test('only what has changed is sent', () => {
  expect(changes(doc, doc)).toEqual({ ProjectVariables: {}, LibraryVariables: {} })
  const next = withValue(withValue(doc, key('E2'), 'k'), host, 'h')
  expect(valueAt(next, host)).toBe('h')
  const sent = changes(doc, next)
  expect(sent.LibraryVariables['L']?.Variables).toEqual({ Host: 'h' })
  expect(sent.ProjectVariables['P']?.Variables).toEqual({ E2: { Key: 'k' } })
  // A value that is taken away again leaves nothing to send.
  expect(changes(doc, withValue(withValue(next, host, undefined), key('E2'), undefined))).toEqual({ ProjectVariables: {}, LibraryVariables: {} })
})
