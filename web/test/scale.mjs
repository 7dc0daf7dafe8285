// How the pages bear what is large: 1,000 projects in 50 environments, and a log of a million lines. The browser gets answers
// that are made up here, in the server's form: what is measured is the pages, the server has tests of its own.
import { at, expect } from './browser.mjs'

const projects = Array.from({ length: 1000 }, (_, i) => ({ Id: `Projects-${i}`, Name: `Project ${i}`, Slug: `project-${i}`, ProjectGroupId: `ProjectGroups-${Math.floor(i / 50)}`, IsDisabled: false, EnvironmentIds: [], Links: {} }))
const groups = Array.from({ length: 20 }, (_, i) => ({ Id: `ProjectGroups-${i}`, Name: `Group ${i}`, EnvironmentIds: [], Links: {} }))
const environments = Array.from({ length: 50 }, (_, i) => ({ Id: `Environments-${i + 1}`, Name: `Environment ${i + 1}`, SortOrder: i }))

const json = (route, body) => route.fulfill({ status: 200, contentType: 'application/json', body: JSON.stringify(body) })

export async function scale(page) {
  await board(page)
  await log(page)
}

async function board(page) {
  let asked = 0
  await page.route('**/environments/all', (r) => json(r, environments))
  await page.route('**/dashboard/dynamic**', (r) => {
    const q = new URL(r.request().url()).searchParams
    const names = q.get('projects')?.split(',') ?? projects.slice(0, Number(q.get('firstProjects'))).map((p) => p.Id)
    const places = q.get('environments')?.split(',') ?? environments.slice(0, Number(q.get('firstEnvironments'))).map((e) => e.Id)
    if (names.length > 0) asked += names.length * places.length
    const items = names.flatMap((p, i) => places.map((e, j) => ({ Id: `${p}${e}`, ProjectId: p, EnvironmentId: e, ReleaseVersion: `1.${i}.${j}`, TaskId: 'ServerTasks-1', State: (i + j) % 9 === 0 ? 'Failed' : 'Success', HasWarningsOrErrors: false, Created: '2026-11-21T10:00:00Z', CompletedTime: '2026-11-21T10:00:00Z' })))
    const shown = (q.has('projects') ? projects.filter((p) => names.includes(p.Id)) : projects).map((p) => (names.includes(p.Id) ? { ...p, EnvironmentIds: places } : p))
    return json(r, { Id: 'dashboard', Projects: shown, ProjectGroups: groups, Environments: environments.filter((e) => places.includes(e.Id)), Tenants: [], Items: items, PreviousItems: [], IsFiltered: false, ProjectLimit: null })
  })
  const start = Date.now()
  await page.goto(at('/Spaces-1'))
  await page.getByRole('gridcell').getByRole('link').first().waitFor()
  const first = Date.now() - start
  const cells = await page.getByRole('gridcell').count()
  expect(cells < 700, `the dashboard draws ${cells} cells at once`)
  expect(asked < 3000, `the dashboard asks for ${asked} cells to show the first of them`)
  const scrolled = await frames(page, '.grid', 6000)
  await page.getByRole('gridcell').getByRole('link').first().waitFor()
  console.log(`dashboard of 1,000 x 50: first cells after ${first} ms, ${cells} cells drawn, ${scrolled}`)
  await page.unroute('**/environments/all')
  await page.unroute('**/dashboard/dynamic**')
}

async function log(page) {
  const block = (Id, ParentId, Place, LineCount) => ({ Id, ParentId, Name: Id, Status: 'Success', Place, Started: '2026-11-21T10:00:00Z', Ended: '2026-11-21T10:10:00Z', ProgressPercentage: 0, ProgressMessage: '', LineCount })
  const task = { Id: 'ServerTasks-99', State: 'Success', IsCompleted: true, HasWarningsOrErrors: false, Description: 'Deploy a lot', QueueTime: '2026-11-21T10:00:00Z', StartTime: '2026-11-21T10:00:00Z', CompletedTime: '2026-11-21T10:10:00Z', ErrorMessage: '', WaitReason: '', CanRerun: false, IsHeld: false }
  const events = [['task', task], ['block', block('root', '', 0, 0)], ['block', block('Step 1', 'root', 1, 0)], ['block', block('web-1', 'Step 1', 0, 1_000_000)], ['block', block('Step 2', 'root', 2, 3)], ['end', task]]
  await page.route('**/api/tasks/ServerTasks-99', (r) => json(r, task))
  await page.route('**/api/tasks/ServerTasks-99/log/stream**', (r) => r.fulfill({ status: 200, contentType: 'text/event-stream', body: events.map(([e, d]) => `event: ${e}\ndata: ${JSON.stringify(d)}\n\n`).join('') }))
  await page.route('**/api/tasks/ServerTasks-99/log?**', (r) => {
    const q = new URL(r.request().url()).searchParams
    const from = Number(q.get('from'))
    const total = q.get('block') === 'web-1' ? 1_000_000 : 3
    const count = Math.max(0, Math.min(Number(q.get('count')), total - from))
    return json(r, { BlockId: q.get('block'), From: from, Total: total, Lines: Array.from({ length: count }, (_, i) => ({ Category: 'Info', OccurredAt: '2026-11-21T10:00:00Z', MessageText: `line ${from + i} of the log, with some words so that it is as long as lines are`, Detail: null, Number: from + i + 1 })) })
  })
  const start = Date.now()
  await page.goto(at('/Spaces-1/tasks/ServerTasks-99'))
  await page.getByText('line 0 of the log').waitFor()
  const first = Date.now() - start
  const scrolled = await frames(page, '.log', 400_000)
  await page.locator('.log').evaluate((e) => (e.scrollTop = e.scrollHeight))
  await page.getByText('line 999999 of the log').waitFor()
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize } = await client.send('Runtime.getHeapUsage')
  const drawn = await page.locator('.log .entry').count()
  console.log(`log of a million lines: first line after ${first} ms, ${drawn} rows drawn, heap ${Math.round(usedSize / 1e6)} MB, ${scrolled}`)
  expect(drawn < 300, `the log draws ${drawn} rows at once`)
  expect(usedSize < 200e6, `a log of a million lines takes ${Math.round(usedSize / 1e6)} MB`)
  await page.goto(at('/Spaces-1/tasks/ServerTasks-99?block=web-1&line=700000'))
  await page.locator('.log .linked', { hasText: 'line 700000 of' }).waitFor()
  for (const path of ['**/api/tasks/ServerTasks-99', '**/api/tasks/ServerTasks-99/log/stream**', '**/api/tasks/ServerTasks-99/log?**']) await page.unroute(path)
}

/** Scrolls for two seconds, and says how long frames took. */
async function frames(page, selector, far) {
  const times = await page.locator(selector).evaluate(
    (e, distance) =>
      new Promise((done) => {
        const list = []
        const begin = performance.now()
        let last = begin
        const step = (now) => {
          list.push(now - last)
          last = now
          e.scrollTop = (distance * (now - begin)) / 2000
          if (now - begin < 2000) requestAnimationFrame(step)
          else done(list)
        }
        requestAnimationFrame(step)
      }),
    far,
  )
  times.sort((a, b) => a - b)
  return `${times.length} frames in 2 s of scrolling, the median ${Math.round(times[times.length >> 1])} ms, the slowest ${Math.round(times.at(-1))} ms`
}
