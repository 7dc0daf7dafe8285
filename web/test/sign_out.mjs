// Signing out ends the session at once, and signing out everywhere ends the others too.
import { at, both, expect, settings, signIn } from './browser.mjs'
import { tabbable } from './tabbing.mjs'

export async function signOut(page, context) {
  const cookies = await context.cookies()
  const session = cookies.find((c) => c.name.startsWith('OctopusIdentificationToken_'))
  expect(session?.httpOnly === true && session.sameSite === 'Lax', `the session's cookie is ${JSON.stringify(session)}`)
  const other = await context.browser().newContext()
  const elsewhere = await other.newPage()
  await signIn(elsewhere)
  await page.goto(at('/Spaces-1'))
  await page.getByRole('button', { name: settings.user }).click()
  await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click()
  await page.getByRole('heading', { name: 'Sign in to Mantle' }).waitFor()
  await both(page, 'sign-in')
  await tabbable(page, 'sign-in')
  // The other browser shows it without being touched, or with the next click at the latest.
  await elsewhere.goto(at('/Spaces-1/tasks'))
  await elsewhere.getByRole('heading', { name: 'Sign in to Mantle' }).waitFor()
  await other.close()
  // A wrong password is said, and the right one leads to the page that was asked for.
  await page.goto(at('/Spaces-1/tasks'))
  await page.getByLabel('User name').fill(settings.user)
  await page.locator('input[type=password]').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await page.locator('input[type=password]').fill(settings.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor()
}
