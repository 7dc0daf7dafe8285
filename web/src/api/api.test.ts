import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { columnsAtOnce, rowsAtOnce } from '../pages/dashboard/board'
import { affected, isAffected } from './affected'
import { call, early, failureOf, pathOf } from './client'

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
  expect(isAffected('/api/Spaces-1/artifacts', affected('ServerTasks-3', 'ServerTasks'))).toBe(true) // what its scripts kept
})

const soon = () => new Promise((r) => setTimeout(r))

/** What public/early.js asks for at an address, and which files it begins to load. */
async function earlyAt(pathname: string, { cookie = 'Octopus-Csrf-Token_1=x', hash = '', search = '', space = null as string | null, late = false } = {}) {
  const window: { early?: Record<string, Promise<Response>>; earlyStream?: unknown } = {}
  const links: string[] = []
  const pages = { files: ['a.js', 'b.js'], pages: { '': [0], 'projects/$project/releases/new': [0, 1], 'projects/$project/releases/$version': [1] } }
  runInNewContext(readFileSync('public/early.js', 'utf8'), {
    window, encodeURIComponent, location: { pathname, hash, search }, localStorage: { getItem: () => space }, EventSource: EventTarget,
    fetch: (path: string) => Promise.resolve(new Response(JSON.stringify({ Id: `the ID of ${path}` }))),
    document: { cookie, currentScript: { dataset: { pages: JSON.stringify(pages) } }, createElement: () => ({}), head: { append: (l: { href: string }) => links.push(l.href) } },
  })
  if (late) delete window.early!['/api/Spaces-1/projects/shop']
  for (let i = 0; i < 5; i++) await soon()
  return { asked: Object.keys(window.early ?? {}).filter((p) => p !== '/api' && p !== '/api/users/me' && p !== '/api/spaces/all'), links, stream: window.earlyStream !== undefined }
}

test('what a page wants is asked for before its code is there', async () => {
  const of = (space: string) => [
    pathOf('GET /api/{space}/dashboard/dynamic', { space, query: { firstProjects: rowsAtOnce, firstEnvironments: columnsAtOnce } }),
    pathOf('GET /api/{space}/environments/all', { space }), pathOf('GET /api/{space}/dashboardconfiguration', { space }), pathOf('GET /api/{space}/tasks', { space, query: { active: true, take: 30 } }),
  ]
  expect(await earlyAt('/app/Spaces-1')).toEqual({ asked: of('Spaces-1'), links: ['/app/a.js'], stream: true })
  expect((await earlyAt('/app/Spaces-2/')).asked).toEqual(of('Spaces-2'))
  expect((await earlyAt('/app', { space: 'Spaces-7' })).asked).toEqual(of('Spaces-7'))
  expect((await earlyAt('/app/')).asked).toEqual(of('Spaces-1'))
  expect(await earlyAt('/app/', { hash: '#/Spaces-1/tasks' })).toEqual({ asked: [], links: [], stream: false })
  expect(await earlyAt('/app/Spaces-1', { cookie: '' })).toEqual({ asked: [], links: [], stream: false })
  expect(await earlyAt('/app/Spaces-1/no/such/page/here')).toEqual({ asked: [], links: [], stream: true })
})

test('a page of words is another than one of parameters, and filters make another first read', async () => {
  expect((await earlyAt('/app/Spaces-1/projects/shop/releases/new')).links).toEqual(['/app/a.js', '/app/b.js'])
  expect((await earlyAt('/app/Spaces-1/projects/shop/releases/1.0')).links).toEqual(['/app/b.js'])
  expect((await earlyAt('/app/Spaces-1/tasks')).asked).toContain('/api/Spaces-1/tasks?skip=0&take=50')
  const filtered = await earlyAt('/app/Spaces-1/tasks', { search: '?state=Failed' })
  expect(filtered.asked).toContain('/api/tasks/queue')
  expect(filtered.asked.some((p) => p.includes('take='))).toBe(false)
})

test('what is read by an ID follows the document that has it, unless the page was sooner', async () => {
  const project = '/api/Spaces-1/projects/shop'
  expect((await earlyAt('/app/Spaces-1/projects/shop/process')).asked).toEqual([project, `/api/Spaces-1/projects/the ID of ${project}/deploymentprocesses`])
  expect((await earlyAt('/app/Spaces-1/projects/shop/process', { late: true })).asked).toEqual([])
})

test('an early answer is taken once, and a bad one not at all', async () => {
  const json = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }))
  const fetched: string[] = []
  const whole = globalThis as { early?: unknown; fetch: unknown }
  const fetch = whole.fetch
  // Early answers are for a page that has just begun, which a test on a busy machine has not.
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000)
  try {
    whole.early = { '/api': json('early'), '/api/users/me': json('no', 401), '/api/spaces/all': Promise.reject(new Error('lost')) }
    whole.fetch = (path: string) => (fetched.push(path), json('late'))
    expect([await call('GET /api', {}), await call('GET /api', {}), await call('GET /api/users/me', {}), await call('GET /api/spaces/all', {})]).toEqual(['early', 'late', 'late', 'late'])
    expect(fetched).toEqual(['/api', '/api/users/me', '/api/spaces/all'])
    whole.early = { '/api/Spaces-1/tasks': json(['early']), '/api/Spaces-1/feeds': json('no', 403) }
    expect(await early('/api/Spaces-1/tasks')).toEqual(['early'])
    await expect(early('/api/Spaces-1/feeds')).rejects.toThrow('not answered early')
    expect(fetched.length).toBe(3)
  } finally {
    clock.mockRestore()
    whole.fetch = fetch
  }
})
