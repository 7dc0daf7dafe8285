// A browser for the scenarios: Debian's chromium, driven by playwright-core, and what the scenarios share.
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const settings = {
  url: process.env.MANTLE_URL ?? 'http://localhost:18090',
  user: 'admin',
  password: process.env.MANTLE_ADMIN_PASSWORD ?? 'Password01!long',
  agent: process.env.MANTLE_AGENT ?? '/tmp/pbin/mantle-agent',
  dir: process.env.MANTLE_TEST_DIR ?? '/tmp/portal-test',
  shots: process.env.MANTLE_SHOTS ?? '/tmp/portal-test/shots',
  pictures: process.env.MANTLE_TEST_PICTURES !== 'false',
}

export const failures = []

/** Notes a failure and goes on: one run tells of all. */
export function expect(ok, what) {
  if (!ok) failures.push(what)
  if (!ok) console.log(`FAILED: ${what}`)
}

export async function open() {
  await mkdir(settings.shots, { recursive: true })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, colorScheme: 'light', reducedMotion: 'reduce', timezoneId: 'UTC', locale: 'en-GB' })
  context.setDefaultTimeout(60_000) // a wait that does not end is a failure; one that takes long on a busy machine is none
  const page = await context.newPage()
  watch(page)
  return { browser, context, page }
}

const asked = new WeakMap()

/** Waits until the page has all that it has asked for, and has drawn it; not for ever, as a page may ask again and again while a task runs. */
export async function settled(page) {
  const deadline = Date.now() + 10_000
  for (let still = 0; still < 2 && Date.now() < deadline; ) {
    still = asked.get(page).size === 0 ? still + 1 : 0
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  }
}

/** Notes a failure when something does not become true in time. */
export async function eventually(check, what) {
  const deadline = Date.now() + 15_000
  while (!(await check())) {
    if (Date.now() > deadline) return expect(false, what)
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** A page must not write errors, nor ask another host for anything. */
function watch(page) {
  const own = new URL(settings.url).host
  page.on('console', (m) => {
    // The browser itself notes answers like 401 and 404; the pages show those.
    if (m.type() === 'error' && !/Failed to load resource|net::ERR/.test(m.text())) expect(false, `the console of ${page.url()} says: ${m.text()}`)
  })
  page.on('pageerror', (e) => expect(false, `${page.url()} broke: ${e.message}`))
  // Streams never end; all else that a page asks for does.
  const pending = new Set()
  asked.set(page, pending)
  page.on('request', (r) => r.resourceType() !== 'eventsource' && pending.add(r))
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (r) => pending.delete(r))
  page.on('request', (r) => {
    const u = new URL(r.url())
    if (u.protocol.startsWith('http')) expect(u.host === own, `a request to another host: ${r.url()}`)
  })
}

export const at = (path) => `${settings.url}/app${path}`

export async function signIn(page) {
  await page.goto(at('/'))
  await page.getByLabel('User name').fill(settings.user)
  await page.locator('input[type=password]').fill(settings.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
}

/** axe finds no serious fault on the page as it is. With rules only these are tried. */
export async function accessible(page, name, rules) {
  await page.evaluate(axe)
  const result = await page.evaluate((only) => window.axe.run(document, { resultTypes: ['violations'], ...(only && { runOnly: only }) }), rules)
  for (const v of result.violations.filter((x) => ['serious', 'critical'].includes(x.impact))) {
    expect(false, `${name}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} (${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ''})`).join('; ')}`)
  }
}

const visited = new Set()

/** The page in both colour schemes: both checked, and pictured where somebody wants to look. */
export async function both(page, name) {
  visited.add(new URL(page.url()).pathname.replace(/\/$/, ''))
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.waitForFunction((s) => document.documentElement.dataset.mantineColorScheme === s, scheme)
    // The other scheme has the same elements in other colours.
    await accessible(page, `${name}, ${scheme}`, scheme === 'dark' ? ['color-contrast'] : undefined)
    if (settings.pictures) await page.screenshot({ path: `${settings.shots}/${name}-${scheme}.png` })
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
}

/** Every route of web/src/router.tsx was checked and pictured. One only leads to another page. */
export function everyRouteWasChecked() {
  const text = readFileSync(new URL('../src/router.tsx', import.meta.url), 'utf8')
  const parents = new Map([...text.matchAll(/const (\w+) = \{ getParentRoute: \(\) => (\w+) \}/g)].map((m) => [m[1], m[2]]))
  const named = new Map([...text.matchAll(/const (\w+) = createRoute\(\{ (?:\.\.\.(\w+)|getParentRoute: \(\) => (\w+)), path: '([^']+)'/g)].map((m) => [m[1], { parent: m[2] ? parents.get(m[2]) : m[3], path: m[4] }]))
  const under = (name) => {
    const route = named.get(name)
    return route && route.path !== '/' ? `${under(route.parent)}/${route.path}` : ''
  }
  const routes = [...text.matchAll(/createRoute\(\{ \.\.\.(\w+), path: '([^']+)', component/g)].map((m) => `${under(parents.get(m[1]))}/${m[2]}`.replace(/\/+$/, ''))
  expect(routes.length > 35, `router.tsx has ${routes.length} routes: this check does not understand it any more`)
  for (const route of new Set(routes.filter((r) => r !== '/$space/deployments/$deployment'))) {
    const pattern = new RegExp(`^/app${route.replace(/\$\w+/g, '[^/]+')}$`)
    expect([...visited].some((v) => pattern.test(v)), `no scenario checks the page at ${route}`)
  }
}

const started = []

/** Runs a command of the page in a shell, as a reader would; it ends with the test. */
export function run(command, options = {}) {
  const child = spawn('bash', ['-c', `exec ${command}`], { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let said = ''
  child.stdout.on('data', (d) => (said += d))
  child.stderr.on('data', (d) => (said += d))
  started.push(child)
  return { child, said: () => said }
}

export function endAll() {
  for (const c of started) c.kill('SIGTERM')
}

/** Asks the API with the page's own session. */
export const api = (page, method, path, body) =>
  page.evaluate(
    async ([m, p, b]) => {
      const csrf = document.cookie.split('; ').find((c) => c.startsWith('Octopus-Csrf-Token_'))?.replace(/^[^=]*=/, '') ?? ''
      const init = { method: m, headers: { 'X-Octopus-Csrf-Token': csrf, 'Content-Type': 'application/json' } }
      if (b !== undefined) init.body = JSON.stringify(b)
      const answer = await fetch(p, init)
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${m} ${p}: ${answer.status} ${text}`)
      return text ? JSON.parse(text) : undefined
    },
    [method, path, body],
  )
