// Every page: it shows its heading, axe finds no serious fault, and there is a picture in both colour schemes.
import { at, both, expect } from './browser.mjs'

const pages = [
  ['projects', '/projects', 'Projects'],
  ['overview', '/projects/hello', 'Overview'],
  ['releases', '/projects/hello/releases', 'Releases'],
  ['release', '/projects/hello/releases/0.0.1', 'Release 0.0.1'],
  ['channels', '/projects/hello/channels', 'Channels'],
  ['settings', '/projects/hello/settings', 'Settings'],
  ['tasks', '/tasks', 'Tasks'],
  ['environments', '/infrastructure', 'Environments'],
  ['machines', '/infrastructure/machines', 'Machines'],
  ['machine', '/infrastructure/machines/Machines-1', 'web-1'],
  ['add-machine', '/infrastructure/machines/new', 'Add a machine'],
  ['workers', '/infrastructure/workers', 'Workers'],
  ['pools', '/infrastructure/pools', 'Worker pools'],
  ['policies', '/infrastructure/policies', 'Machine policies'],
  ['accounts', '/infrastructure/accounts', 'Accounts'],
  ['packages', '/library', 'Packages'],
  ['package', '/library/packages/Shop.Web', 'Shop.Web'],
  ['feeds', '/library/feeds', 'Feeds'],
  ['lifecycles', '/library/lifecycles', 'Lifecycles'],
  ['variable-sets', '/library/variables', 'Variable sets'],
  ['nodes', '/configuration', 'Nodes'],
  ['users', '/configuration/users', 'Users'],
  ['user', '/configuration/users/Users-1', 'admin'],
  ['audit', '/configuration/audit', 'Audit'],
  ['spaces', '/configuration/spaces', 'Spaces'],
  ['status', '/configuration/status', 'Server status'],
]

export async function everyPage(page) {
  for (const [name, path, heading] of pages) {
    const start = Date.now()
    await page.goto(at(`/Spaces-1${path}`))
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' })
    const took = Date.now() - start
    if (took > 1500) console.log(`${name} took ${took} ms`)
    expect((await page.getByRole('alert').count()) === 0, `${name} shows a failure: ${await page.getByRole('alert').allInnerTexts()}`)
    await both(page, name)
  }
  // An address of the form that clients print, and one that does not exist.
  await page.goto(at('#/Spaces-1/projects/hello/deployments/releases/0.0.1'))
  await page.getByRole('heading', { name: 'Release 0.0.1' }).waitFor()
  await page.goto(at('/Spaces-1/nothing/here'))
  await page.getByText('There is no page at this address').waitFor()
  await page.goto(at('/Spaces-1/projects/nothing-like-it'))
  await page.getByRole('alert').waitFor()
}
