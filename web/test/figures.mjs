// Measures the portal in a real browser against the server at MANTLE_URL, which test/load has filled: for each page the time from the start of
// the navigation until what it is for is painted, with an empty cache and with a full one, and what a log of a million lines takes in memory.
import { existsSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { at, expect, failures, open, signIn } from './browser.mjs'

const task = process.env.MANTLE_TEST_TASK
const lines = Number(process.env.MANTLE_TEST_LINES)
const goal = { paint: 1000, log: 1500, memory: 200e6 }
const times = Number(process.env.MANTLE_TEST_TIMES ?? 5)

const { browser, context, page } = await open()
await signIn(page)
await page.goto(at('/Spaces-1'))
const state = await context.storageState()
await browser.close()

const pages = [
  ['dashboard', '/Spaces-1', '.cell a[data-task]', goal.paint],
  ['projects', '/Spaces-1/projects', 'section tbody a', goal.paint],
  ['project', '/Spaces-1/projects/project-0001', 'td .cellbox', goal.paint],
  ['process', '/Spaces-1/projects/project-0001/process', '.cm-content', goal.paint],
  ['releases', '/Spaces-1/projects/project-0001/releases', 'tbody a', goal.paint],
  ['tasks', '/Spaces-1/tasks', 'tbody a', goal.paint],
  ['environments', '/Spaces-1/infrastructure', 'tbody a', goal.paint],
  ['audit', '/Spaces-1/configuration/audit', 'tbody tr', goal.paint],
  ['nodes', '/Spaces-1/configuration', 'tbody tr', goal.paint],
  ['log', `/Spaces-1/tasks/${task}`, '.log .entry:not(.block) span:last-child:not(:empty)', goal.log],
]

const fresh = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })

let spent = 0

/** The browser's processes for pages; not the one that draws Chromium's own address bar, which is a page to it, too. */
async function ofPages(browser) {
  const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo')
  // One that has ended in between has no file there.
  return processInfo.filter((p) => p.type === 'renderer' && existsSync(`/proc/${p.id}/cmdline`) && !readFileSync(`/proc/${p.id}/cmdline`, 'utf8').includes('--top-chrome-webui'))
}

/** The processor time that those processes have taken, in ms: other work on the machine does not lengthen it as it does the rest. */
async function cpu(tab) {
  return 1000 * (await ofPages(tab.context().browser())).reduce((sum, p) => sum + p.cpuTime, 0)
}

/** When what the page is for was painted, in ms from the start of the navigation. */
async function painted(tab, path, selector) {
  await tab.addInitScript((s) => {
    const look = () => {
      const e = document.querySelector(s)
      if (!e || e.textContent === '…') return
      seen.disconnect()
      requestAnimationFrame(() => requestAnimationFrame(() => (window.paintedAt = performance.now())))
    }
    const seen = new MutationObserver(look)
    seen.observe(document, { childList: true, subtree: true, characterData: true })
  }, selector)
  const before = await cpu(tab)
  await tab.goto(at(path))
  await tab.waitForFunction(() => window.paintedAt, undefined, { timeout: 60_000 })
  spent = (await cpu(tab)) - before
  return tab.evaluate(() => window.paintedAt)
}

const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]
const ms = (list) => `${Math.round(middle(list))} ms (${list.map(Math.round).join(', ')})`

for (const [name, path, selector, limit] of pages) {
  const cold = []
  const warm = []
  const busy = []
  let transferred = 0
  for (let i = 0; i < times; i++) {
    const one = await fresh()
    const c = await one.newContext({ viewport: { width: 1360, height: 820 }, storageState: state })
    const tab = await c.newPage()
    const network = await c.newCDPSession(tab)
    await network.send('Network.enable')
    let bytes = 0
    network.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength))
    cold.push(await painted(tab, path, selector))
    busy.push(spent)
    transferred = bytes
    await tab.close()
    const again = await c.newPage()
    warm.push(await painted(again, path, selector))
    await one.close()
  }
  console.log(`| ${name} | ${ms(cold)} | ${ms(warm)} | ${Math.round(middle(busy))} ms | ${Math.round(transferred / 1000)} kB |`)
  expect(middle(cold) <= limit, `${name}: painted after ${Math.round(middle(cold))} ms with an empty cache; the goal is ${limit}`)
}

// The log of a million lines: what it takes when it was just opened, and after somebody has gone about in it.
const one = await fresh()
const c = await one.newContext({ viewport: { width: 1360, height: 820 }, storageState: state })
const tab = await c.newPage()
await painted(tab, `/Spaces-1/tasks/${task}`, '.log .entry:not(.block) span:last-child:not(:empty)')
const opened = await memory()
console.log(`opened: ${opened.words}`)
expect(opened.resident <= goal.memory, `the browser's processes for pages take ${Math.round(opened.resident / 1e6)} MB`)
const frames = await tab.locator('.log').evaluate(
  (box) =>
    new Promise((done) => {
      const list = []
      const begin = performance.now()
      let last = begin
      const step = (now) => {
        list.push(now - last)
        last = now
        box.scrollTop = (box.scrollHeight * (now - begin)) / 10_000
        if (now - begin < 10_000) requestAnimationFrame(step)
        else done(list.sort((a, b) => a - b))
      }
      requestAnimationFrame(step)
    }),
)
await tab.locator('.log').evaluate((box) => (box.scrollTop = box.scrollHeight))
await tab.getByText(`line ${lines} of the log`).first().waitFor()
await tab.keyboard.press('s')
await tab.keyboard.type(`line ${lines - 1} of`)
const searched = Date.now()
await tab.getByText(/^1 found$/).waitFor({ timeout: 120_000 })
console.log(`scrolled through in 10 s: ${frames.length} frames, the median ${Math.round(frames[frames.length >> 1])} ms, the slowest ${Math.round(frames.at(-1))} ms; the whole log searched in ${((Date.now() - searched) / 1000).toFixed(1)} s`)
const after = await memory()
console.log(`afterwards: ${after.words}`)
expect(after.resident <= goal.memory, `the browser's processes for pages take ${Math.round(after.resident / 1e6)} MB after scrolling and searching`)
await one.close()

/** The heap of the page's script after a collection, and what the browser's processes for pages take in the machine's memory. */
async function memory() {
  const client = await c.newCDPSession(tab)
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize } = await client.send('Runtime.getHeapUsage')
  let resident = 0
  for (const p of await ofPages(one)) resident += 1024 * Number(readFileSync(`/proc/${p.id}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)[1])
  expect(usedSize <= goal.memory, `the page's heap is ${Math.round(usedSize / 1e6)} MB`)
  return { resident, words: `heap ${Math.round(usedSize / 1e6)} MB, processes for pages ${Math.round(resident / 1e6)} MB` }
}

if (failures.length > 0) {
  console.log(`\n${failures.length} failures:\n${failures.join('\n')}`)
  process.exit(1)
}
