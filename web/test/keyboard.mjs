// The portal by keyboard alone.
import { at, both, expect, settled } from './browser.mjs'

export async function keyboard(page) {
  await page.goto(at('/Spaces-1'))
  await page.getByRole('grid').waitFor()
  for (const [key, heading] of [['p', 'Projects'], ['i', 'Environments'], ['l', 'Packages'], ['t', 'Tasks'], ['c', 'Nodes'], ['d', 'Dashboard']]) {
    await go(page, key, heading)
  }
  await page.keyboard.press('/')
  await page.locator('[aria-label="Search for"]:focus').waitFor()
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

  await board(page)
  await line(page)
  await menu(page)

  // Make an environment without the mouse: tab to the button, type, Enter.
  await page.goto(at('/Spaces-1/infrastructure'))
  await page.getByRole('heading', { name: 'Environments' }).waitFor()
  await tabTo(page, 'New environment')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.matches('[role="dialog"] input'))
  await page.keyboard.type('Production')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Production' }).waitFor()
  await order(page)
  await list(page)
}

/** The second key has to come within a second of the first, which a busy machine may not manage at once. */
async function go(page, key, heading) {
  const there = page.getByRole('heading', { level: 1, name: heading })
  for (let i = 0; i < 10; i++) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    if (await there.waitFor({ timeout: 5000 }).then(() => true, () => false)) return
  }
  await there.waitFor()
}

/** Arrow keys go from cell to cell of the dashboard, Enter opens. */
async function board(page) {
  await page.goto(at('/Spaces-1'))
  await page.getByRole('gridcell').getByRole('link', { name: /Hello, Development/ }).waitFor()
  await tabTo(page, '', '[role="grid"]')
  await page.keyboard.press('ArrowRight')
  await page.locator('.cell.here', { hasText: 'Hello, Development' }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await page.locator('.name.here', { hasText: 'Hello' }).waitFor()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/tasks\/ServerTasks-/)
}

/** In a log the arrow keys go from line to line; Enter folds a step, and puts a line into the address. */
async function line(page) {
  const log = page.getByRole('log')
  await log.getByText('warm Hello Development 2').waitFor()
  await log.focus()
  await page.keyboard.press('Home')
  await page.locator('.log .block.here').waitFor()
  const rows = await page.locator('.log .entry').count()
  await page.keyboard.press('Enter')
  await page.waitForFunction((n) => document.querySelectorAll('.log .entry').length < n, rows)
  await page.keyboard.press('ArrowRight')
  await log.getByText('warm Hello Development 2').waitFor()
  for (let i = 0; i < 80 && !(await page.locator('.log .here', { hasText: 'warm Hello Development 2' }).isVisible()); i++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL(/line=\d/)
  await page.locator('.log .linked', { hasText: 'warm Hello Development 2' }).waitFor()
}

/** The menu at the top: Enter opens it, arrow keys choose, Escape gives the focus back. */
async function menu(page) {
  await tabTo(page, 'admin')
  await page.keyboard.press('Enter')
  await page.getByRole('menu').waitFor()
  await page.waitForFunction(() => document.querySelector('[role="menu"]')?.contains(document.activeElement)) // it has unfolded
  await page.keyboard.press('ArrowDown')
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'menuitem')
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })
  expect((await page.evaluate(() => document.activeElement?.textContent)) === 'admin', 'the menu gives the focus back')
}

/** What is dragged is moved by keys, too, and keeps the focus: steps, environments. */
async function order(page) {
  const names = () => page.getByRole('row').getByRole('link').allInnerTexts()
  const before = await names()
  const button = page.getByRole('button', { name: 'Move Production up' })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction((first) => document.querySelector('tbody a')?.textContent !== first, before[0])
  expect((await names())[0] === 'Production', `the environments are ${await names()}`)
  await settled(page)
  await page.getByRole('button', { name: 'Move Production down' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction((first) => document.querySelector('tbody a')?.textContent === first, before[0])
  await settled(page)

  await page.goto(at('/Spaces-1/projects/hello/process'))
  const step = page.getByRole('listitem').first().getByRole('button')
  await step.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Alt+ArrowDown')
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('2. Say hello'))
  await page.keyboard.press('Alt+ArrowUp')
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('1. Say hello'))
  await page.getByRole('button', { name: 'Undo the changes' }).click()
}

/** A list of several values: arrow keys and Enter choose, Backspace takes the last one away. */
async function list(page) {
  await page.goto(at('/Spaces-1/infrastructure/machines/new'))
  const field = page.getByRole('combobox', { name: 'Environments' }).or(page.getByLabel('Environments')).first()
  await field.focus()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('listbox').waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const pills = page.locator('.mantine-MultiSelect-pill')
  await pills.first().waitFor()
  expect((await pills.count()) === 1, `${await pills.count()} environments are chosen`)
  await page.keyboard.press('Backspace')
  await pills.first().waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
}

async function tabTo(page, name, selector = '*') {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(([n, s]) => document.activeElement?.matches(s) && (!n || document.activeElement.textContent === n), [name, selector])) return
  }
  expect(false, `Tab does not come to “${name || selector}”`)
}
