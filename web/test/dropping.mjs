// Packages dropped on their page, and what is deleted: a version, and things that are in use.
import { api, at, both, eventually, expect } from './browser.mjs'

const s = '/api/Spaces-1'

export async function dropping(page) {
  await drop(page)
  await version(page)
  await inUse(page)
}

/** An empty zip file has these bytes. */
const zip = [0x50, 0x4b, 5, 6, ...Array(18).fill(0)]

/** What the browser does when somebody lets files go over an element; tells whether the page has taken them. */
const letGo = (page, selector, names) =>
  page.locator(selector).evaluate(
    (e, [files, bytes]) => {
      const dataTransfer = new DataTransfer()
      for (const f of files) dataTransfer.items.add(new File([new Uint8Array(bytes)], f))
      const event = (type) => e.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
      return !event('dragover') && !event('drop')
    },
    [names, zip],
  )

/** Files are dropped: one is stored, one has no name of a package, and what is there already is not overwritten. */
async function drop(page) {
  const choose = (dialog) => dialog.setFiles({ name: 'Shop.Web.1.2.0.zip', mimeType: 'application/zip', buffer: Buffer.from(zip) })
  page.on('filechooser', choose)
  await page.goto(at('/Spaces-1/library'))
  await page.getByRole('link', { name: 'Shop.Web' }).waitFor()
  // Beside the place for it a file does nothing: the browser would leave the page for it.
  expect(await letGo(page, 'h1', ['Shop.Web.2.0.0.zip']), 'a file that falls beside its place leads away from the page')
  let go = () => {}
  const held = new Promise((done) => (go = done))
  await page.route('**/packages/raw**', async (route) => {
    await held
    await route.fallback()
  })
  expect(await letGo(page, '.drop', ['Shop.Web.1.1.0.zip', 'notes.txt']), 'the page takes what is dropped')
  const one = page.getByRole('status').filter({ hasText: 'Shop.Web.1.1.0.zip' })
  await one.getByRole('progressbar').waitFor({ state: 'attached' })
  await one.getByText(/\d %|being stored/).waitFor()
  await one.getByRole('button', { name: /^Stop/ }).waitFor()
  go()
  await one.getByText('Shop.Web 1.1.0 is in the feed').waitFor()
  const other = page.getByRole('status').filter({ hasText: 'notes.txt' })
  await other.getByRole('alert').getByText('is not a package: its name must end in one of').waitFor()
  await page.unroute('**/packages/raw**')
  await page.getByRole('row', { name: /Shop\.Web/ }).getByText('1.1.0').waitFor()
  await letGo(page, '.drop', ['Shop.Web.1.1.0.zip'])
  await page.getByRole('status').filter({ hasText: 'Shop.Web.1.1.0.zip' }).nth(1).getByRole('alert').getByText('exists already').waitFor()
  await both(page, 'dropped')
  // By keyboard they are chosen.
  await page.getByRole('button', { name: 'choose files' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Shop.Web 1.2.0 is in the feed').waitFor()
  page.off('filechooser', choose)
}

/** One version of a package is deleted, and its neighbours stay. */
async function version(page) {
  await page.goto(at('/Spaces-1/library/packages/Shop.Web'))
  const remove = page.getByRole('button', { name: 'Delete 1.1.0' })
  await remove.focus()
  await page.keyboard.press('Enter')
  const sure = page.getByRole('button', { name: 'Delete it' })
  await sure.waitFor()
  await both(page, 'delete-version')
  await sure.focus()
  await page.keyboard.press('Enter')
  await remove.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Delete 1.2.0' }).waitFor()
  const left = (await api(page, 'GET', `${s}/packages?packageId=Shop.Web&take=50`)).Items.map((p) => p.Version)
  expect(left.includes('1.0.0') && left.includes('1.2.0') && !left.includes('1.1.0'), `the versions are ${left}`)
}

/** What is in use is not deleted, and the dialog says by what; the dialog of another thing does not say it too. */
async function inUse(page) {
  await page.goto(at('/Spaces-1/infrastructure'))
  const ask = async (name) => {
    await page.getByRole('button', { name: `Delete ${name}` }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Delete it' }).waitFor()
  }
  await ask('Development')
  await page.getByRole('button', { name: 'Delete it' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('alert').getByText('it is used by deployment targets').waitFor()
  await both(page, 'in-use')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await eventually(() => page.getByRole('button', { name: 'Delete Development' }).evaluate((e) => e === document.activeElement), 'the focus comes back from the question')
  await ask('Production')
  expect((await dialog.getByRole('alert').count()) === 0, 'the question of one thing says why another was not deleted')
  await page.keyboard.press('Escape')
}
