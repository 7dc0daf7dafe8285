// The portal by keyboard alone.
import { at, both, expect } from './browser.mjs'

export async function keyboard(page) {
  await page.goto(at('/Spaces-1'))
  await page.getByRole('grid').waitFor()
  for (const [key, heading] of [['p', 'Projects'], ['i', 'Environments'], ['l', 'Packages'], ['t', 'Tasks'], ['c', 'Nodes'], ['d', 'Dashboard']]) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  }
  await page.keyboard.press('/')
  await page.getByLabel('Search for').waitFor()
  await page.keyboard.type('hel')
  await page.getByRole('dialog').getByText('Hello', { exact: true }).waitFor()
  await both(page, 'search')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/projects\//)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').getByText('search over everything').waitFor()
  await both(page, 'help')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  // Make an environment without the mouse: tab to the button, type, Enter.
  await page.goto(at('/Spaces-1/infrastructure'))
  await page.getByRole('heading', { name: 'Environments' }).waitFor()
  await tabTo(page, 'New environment')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByLabel('Name').waitFor()
  await page.keyboard.type('Production')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Production' }).waitFor()
}

async function tabTo(page, name) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(() => document.activeElement?.textContent ?? '')) === name) return
  }
  expect(false, `Tab does not come to “${name}”`)
}
