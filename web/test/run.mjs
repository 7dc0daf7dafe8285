// Runs the scenarios one after the other against the server at MANTLE_URL, which has to be new.
import { mkdirSync } from 'node:fs'
import { endAll, everyRouteWasChecked, failures, open, settings, signIn } from './browser.mjs'
import { deploying } from './deploying.mjs'
import { dropping } from './dropping.mjs'
import { editing } from './editing.mjs'
import { dashboardIsLive, firstRun } from './first_run.mjs'
import { everyPage } from './pages.mjs'
import { gallery } from './gallery.mjs'
import { guest } from './guest.mjs'
import { keyboard } from './keyboard.mjs'
import { lasting } from './lasting.mjs'
import { operating } from './operating.mjs'
import { scale } from './scale.mjs'
import { signOut } from './sign_out.mjs'

mkdirSync(settings.dir, { recursive: true })
const { browser, context, page } = await open()
const scenario = async (name, f) => {
  const start = Date.now()
  try {
    const result = await f()
    console.log(`${name}: ${Date.now() - start} ms`)
    return result
  } catch (e) {
    failures.push(`${name}: ${e.message}`)
    console.log(`FAILED: ${name}: ${e.stack}\n${page.url()}`)
    await page.screenshot({ path: `${settings.shots}/failed-${name.replaceAll(' ', '-')}.png` }).catch(() => {})
    throw e // the next ones stand on this one
  }
}
try {
  await scenario('sign in', () => signIn(page))
  const task = await scenario('first run', () => firstRun(page))
  await scenario('the dashboard is live', () => dashboardIsLive(page))
  await scenario('process and variables', () => editing(page))
  await scenario('every page', () => everyPage(page, task))
  await scenario('lasting', () => lasting(page))
  await scenario('keyboard', () => keyboard(page))
  await scenario('operating', () => operating(page))
  await scenario('deploying', () => deploying(page))
  await scenario('dropping', () => dropping(page))
  await scenario('guest', () => guest(page))
  await scenario('scale', () => scale(page))
  await scenario('gallery', () => gallery(page))
  await scenario('sign out', () => signOut(page, context))
  everyRouteWasChecked()
} catch {
  // it is noted
} finally {
  await browser.close()
  endAll()
}
if (failures.length > 0) {
  console.log(`\n${failures.length} failures:\n${failures.join('\n')}`)
  process.exit(1)
}
