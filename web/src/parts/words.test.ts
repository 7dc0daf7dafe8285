import { expect, test } from 'vitest'
import { currentAddress } from '../addresses'
import { addressOf, pagesNamed } from '../layout/found'
import { meaning } from '../layout/keys'
import { at, differences } from '../pages/configuration/differences'
import { appeared, joinCommand, quoted } from '../pages/infrastructure/join'
import { stepOf } from '../pages/start/guide'
import { ago, bytes, lasted } from './when'
import { lookOf, wordOf } from './state'

const now = Date.parse('2026-11-21T12:00:00Z')

test('times in words', () => {
  expect(ago('2026-11-21T11:59:57Z', now)).toBe('just now')
  expect(ago('2026-11-21T11:57:00Z', now)).toBe('3 min ago')
  expect(ago('2026-11-21T14:30:00Z', now)).toBe('in 2 h')
  expect(lasted('2026-11-21T11:57:50Z', null, now)).toBe('2 min 10 s')
  expect(lasted(null, null, now)).toBe('')
  expect(bytes(999)).toBe('999 B')
  expect(bytes(1_234_567)).toBe('1.2 MB')
})

test('the join command is safe for a shell', () => {
  expect(quoted('web')).toBe('web')
  expect(quoted("it's $HOME")).toBe(`'it'\\''s $HOME'`)
  expect(joinCommand({ server: 'https://m.example', key: 'API-1', polling: true, name: '', space: '', environments: ['My Env'], roles: ['web'], pools: [] })).toBe("mantle-agent join --server https://m.example --api-key API-1 --environment 'My Env' --role web --polling")
  expect(appeared(new Set(['a']), [{ Id: 'a' }, { Id: 'b' }])).toEqual([{ Id: 'b' }])
  expect(appeared(undefined, [{ Id: 'a' }])).toEqual([])
})

test('addresses that clients print lead to pages', () => {
  expect(currentAddress('')).toBeUndefined()
  expect(currentAddress('#/Spaces-1')).toBe('/app/Spaces-1')
  expect(currentAddress('#/Spaces-1/tasks/ServerTasks-3')).toBe('/app/Spaces-1/tasks/ServerTasks-3')
  expect(currentAddress('#/Spaces-1/projects/shop/deployments/releases/1.0.0')).toBe('/app/Spaces-1/projects/shop/releases/1.0.0')
  expect(currentAddress('#/Spaces-1/projects/shop/deployments/releases/1.0.0/deployments/Deployments-2')).toBe('/app/Spaces-1/deployments/Deployments-2')
})

test('what a search found has an address', () => {
  expect(addressOf('Spaces-1', { Id: 'Machines-1', Type: 'Machine', Name: 'web' })).toBe('/Spaces-1/infrastructure/machines/Machines-1')
})

test('keys', () => {
  expect(meaning('/', '')).toEqual({ do: 'search' })
  expect(meaning('p', 'g')).toEqual({ go: '/$space/projects' })
  expect(meaning('p', '')).toBeUndefined()
})

test('differences have both sides', () => {
  const change = { DocumentContext: { Name: 'a', Deep: { 'x/y': 1 } }, Differences: [{ op: 'replace', path: '/Name', value: 'b' }, { op: 'remove', path: '/Deep/x~1y', value: null }, { op: 'add', path: '/New', value: [1] }] }
  expect(differences(change)).toEqual([{ path: 'Name', before: 'a', after: 'b' }, { path: 'Deep/x~1y', before: '1', after: '' }, { path: 'New', before: '', after: '[\n  1\n]' }])
  expect(at({ a: null }, '/a/b')).toBeUndefined()
  expect(differences(null)).toEqual([])
})

test('the guide goes to the first thing that is missing', () => {
  const all = { environment: true, machine: true, project: true, packaged: true, release: true }
  expect(stepOf({ ...all, machine: false, release: false })).toBe(2)
  expect(stepOf(all)).toBe(6)
})

test('states', () => {
  expect(lookOf('Success', true)).toBe('warn')
  expect(lookOf('SomethingNew')).toBe('wait')
  expect(wordOf('TimedOut')).toBe('Timed out')
})

test('a search finds pages by their names', () => {
  const pages = [['/$space', 'Dashboard'], ['/$space/configuration/audit', 'Audit']] as const
  expect(pagesNamed('Spaces-2', 'AUD', pages).map((p) => p.at)).toEqual(['/Spaces-2/configuration/audit'])
  expect(pagesNamed('Spaces-2', ' ', pages)).toEqual([])
  expect(addressOf('Spaces-1', { Id: 'Lifecycles-3', Type: 'Lifecycle', Name: 'x' })).toBe('/Spaces-1/library/lifecycles?edit=Lifecycles-3')
  expect(addressOf('Spaces-1', { Id: 'Tenants-3', Type: 'Tenant', Name: 'x' })).toBe('/Spaces-1/library/tenants/Tenants-3')
})
