import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { columnsAtOnce, rowsAtOnce } from '../pages/dashboard/board'
import { affected, isAffected } from './affected'
import { call, failureOf, pathOf } from './client'

test('paths are filled in, and empty queries left out', () => {
  expect(pathOf('GET /api/{space}/projects/{id}', { space: 'Spaces-1', id: 'a b/c' })).toBe('/api/Spaces-1/projects/a%20b%2Fc')
  expect(pathOf('GET /api/tasks', { query: { states: '', active: true, take: 3, name: undefined } })).toBe('/api/tasks?active=true&take=3')
})

test('failures keep what the server says', () => {
  expect(failureOf(400, '{"ErrorMessage":"no","Errors":["a"],"RequestId":"r"}', '')).toMatchObject({ status: 400, message: 'no', errors: ['a'], requestId: 'r' })
  expect(failureOf(502, '<html>', 'Bad Gateway').message).toBe('<html>')
  expect(failureOf(502, '', '').message).toContain('502')
})

test('a change makes stale what shows it, and nothing else', () => {
  const deployed = affected('Deployments-7', 'Deployments')
  expect(isAffected('/api/Spaces-1/dashboard/dynamic?projects=Projects-1', deployed)).toBe(true)
  expect(isAffected('/api/tasks?active=true', deployed)).toBe(true)
  expect(isAffected('/api/Spaces-1/machines', deployed)).toBe(false)
  expect(isAffected('/api/Spaces-1/variables/variableset-Projects-1', affected('variableset-Projects-1', 'VariableSets'))).toBe(true)
  expect(isAffected('/api/Spaces-1/projects/shop/deploymentprocesses', affected('deploymentprocess-Projects-1'))).toBe(true)
  expect(isAffected('/api/Spaces-1/machines/all', affected('Machines-3', 'Machines'))).toBe(true)
})

/** What public/early.js asks for at an address. */
function earlyAt(pathname: string, { cookie = 'Octopus-Csrf-Token_1=x', hash = '', space = null as string | null } = {}) {
  const window: { early?: Record<string, unknown> } = {}
  const links: string[] = []
  runInNewContext(readFileSync('public/early.js', 'utf8'), {
    window, encodeURIComponent, location: { pathname, hash }, localStorage: { getItem: () => space }, fetch: () => Promise.reject(new Error('not here')),
    document: { cookie, currentScript: { dataset: { dashboard: '/app/a.js /app/b.js' } }, createElement: () => ({}), head: { append: (l: { href: string }) => links.push(l.href) } },
  })
  return { asked: Object.keys(window.early ?? {}), links }
}

test('what the dashboard wants is asked for before its code is there', () => {
  const of = (space: string) => [
    '/api', '/api/users/me', pathOf('GET /api/{space}/dashboard/dynamic', { space, query: { firstProjects: rowsAtOnce, firstEnvironments: columnsAtOnce } }),
    pathOf('GET /api/{space}/environments/all', { space }), pathOf('GET /api/{space}/dashboardconfiguration', { space }),
  ]
  expect(earlyAt('/app/Spaces-1')).toEqual({ asked: of('Spaces-1'), links: ['/app/a.js', '/app/b.js'] })
  expect(earlyAt('/app/Spaces-2/').asked).toEqual(of('Spaces-2'))
  expect(earlyAt('/app', { space: 'Spaces-7' }).asked).toEqual(of('Spaces-7'))
  expect(earlyAt('/app/').asked).toEqual(of('Spaces-1'))
  expect(earlyAt('/app/Spaces-1/projects')).toEqual({ asked: ['/api', '/api/users/me'], links: [] })
  expect(earlyAt('/app/', { hash: '#/Spaces-1/tasks' }).asked).toEqual(['/api', '/api/users/me'])
  expect(earlyAt('/app/Spaces-1', { cookie: '' }).asked).toEqual(['/api'])
})

test('an early answer is taken once, and a bad one not at all', async () => {
  const json = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }))
  const fetched: string[] = []
  const whole = globalThis as { early?: unknown; fetch: unknown }
  const fetch = whole.fetch
  try {
    whole.early = { '/api': json('early'), '/api/users/me': json('no', 401), '/api/spaces/all': Promise.reject(new Error('lost')) }
    whole.fetch = (path: string) => (fetched.push(path), json('late'))
    expect([await call('GET /api', {}), await call('GET /api', {}), await call('GET /api/users/me', {}), await call('GET /api/spaces/all', {})]).toEqual(['early', 'late', 'late', 'late'])
    expect(fetched).toEqual(['/api', '/api/users/me', '/api/spaces/all'])
  } finally {
    whole.fetch = fetch
  }
})
