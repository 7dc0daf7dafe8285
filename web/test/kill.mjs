// A deployment is watched through HAProxy, and the node that runs it and serves the page is killed: the page goes on, signed in, and its
// log has every line once. MANTLE_TEST_NODES has the process of each node.
import { writeFileSync } from 'node:fs'
import { api, at, both, endAll, expect, failures, open, settings, signIn } from './browser.mjs'

const nodes = JSON.parse(process.env.MANTLE_TEST_NODES)
const lines = Number(process.env.MANTLE_TEST_LINES)

const { browser, page } = await open()
let streamsFrom = ''
page.on('response', (r) => {
  if (r.url().includes('/log/stream')) streamsFrom = r.headers()['octopus-node'] ?? ''
})

try {
  await signIn(page)
  await page.goto(at(`/Spaces-1/projects/shop/releases/1.0.0/deploy?to=${process.env.MANTLE_TEST_ENVIRONMENT}`))
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await page.waitForURL(/\/tasks\/ServerTasks-/)
  const id = page.url().match(/ServerTasks-\d+/)[0]
  const log = page.getByRole('log')
  // The script says ten lines, and the rest when it is told to.
  await log.getByText(/^line install web-1 \S+ 10$/).waitFor()
  const runs = (await api(page, 'GET', `/api/tasks/${id}`)).ServerNode
  expect(runs in nodes, `the deployment runs on ${runs}, which is none of ${Object.keys(nodes)}`)
  // The page takes the next node in turn: until it is the one that runs the deployment.
  for (let i = 0; streamsFrom !== runs && i < 8; i++) {
    if (i % 2) await api(page, 'GET', '/api')
    const answered = page.waitForResponse((r) => r.url().includes('/log/stream'))
    await page.reload()
    await answered
  }
  expect(streamsFrom === runs, `the page is served by ${streamsFrom}, the deployment runs on ${runs}`)
  await log.getByText(/^line install web-1 \S+ 10$/).waitFor()

  // Whatever loads the page again, or asks for a sign-in, shows here.
  await page.evaluate(() => {
    window.watched = { signIn: false }
    new MutationObserver(() => (window.watched.signIn ||= document.title.startsWith('Sign in'))).observe(document.querySelector('title'), { childList: true, subtree: true, characterData: true })
  })
  const before = await lastLine(page)
  process.kill(nodes[runs], 'SIGKILL')
  const killed = Date.now()
  writeFileSync(process.env.MANTLE_TEST_GO, '')
  await page.waitForFunction((n) => [...document.querySelectorAll('.log .entry')].some((e) => Number(e.textContent.match(/line install \S+ \S+ (\d+)$/)?.[1]) > n), before + 8, { timeout: 120_000 })
  console.log(`${runs} was killed when line ${before} of ${lines} was on the page; line ${before + 9} was there after ${Date.now() - killed} ms`)
  await both(page, 'taken-over')
  await page.getByText('Success', { exact: true }).first().waitFor({ timeout: 120_000 })
  console.log(`the deployment succeeded ${Date.now() - killed} ms after the kill`)

  const seen = await page.evaluate(() => window.watched)
  expect(seen !== undefined, 'the page was loaded again')
  expect(seen?.signIn === false, 'the page asked for a sign-in')
  const rows = await wholeLog(page)
  const said = rows.map((l) => l.match(/line install \S+ \S+ (\d+)$/)?.[1]).filter(Boolean).map(Number)
  const wanted = Array.from({ length: lines }, (_, i) => i + 1)
  expect(said.join() === wanted.join(), `the page shows the lines ${said}`)
  const now = await api(page, 'GET', `/api/tasks/${id}`)
  expect(now.ServerNode !== runs, `the deployment ended on ${now.ServerNode}`)
  expect(rows.some((r) => r.includes(`The node ${now.ServerNode} goes on with this task.`)), 'the log says which node has taken the deployment over')
  // The rest of the portal goes on as well.
  await page.getByRole('link', { name: 'Dashboard', exact: true }).click()
  await page.getByRole('gridcell').getByRole('link', { name: /Shop, Production: .*1\.0\.0/ }).waitFor()
} catch (e) {
  failures.push(e.message)
  console.log(`FAILED: ${e.stack}\n${page.url()}`)
  await page.screenshot({ path: `${settings.shots}/failed-kill.png` }).catch(() => {})
} finally {
  await browser.close()
  endAll()
}
if (failures.length > 0) {
  console.log(`\n${failures.length} failures:\n${failures.join('\n')}`)
  process.exit(1)
}

async function lastLine(page) {
  return page.evaluate(() => Math.max(0, ...[...document.querySelectorAll('.log .entry')].map((e) => Number(e.textContent.match(/line install \S+ \S+ (\d+)$/)?.[1] ?? 0))))
}

/** Every row of the log as it is shown, from its beginning to its end: only those in view are drawn. */
async function wholeLog(page) {
  return page.locator('.log').evaluate(async (box) => {
    const rows = new Map()
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    for (let top = 0; ; top += 200) {
      box.scrollTop = top
      for (let i = 0; i < 50; i++) {
        await frame()
        if (![...box.querySelectorAll('.entry')].some((e) => e.textContent === '…')) break
      }
      for (const e of box.querySelectorAll('.entry')) rows.set(parseInt(e.style.top), e.textContent)
      if (top >= box.scrollHeight - box.clientHeight) break
    }
    return [...rows].sort((a, b) => a[0] - b[0]).map(([, text]) => text)
  })
}
