// Every page: it shows its heading, axe finds no serious fault, there is a picture in both colour schemes, and the keyboard is enough.
import { api, at, both, expect, settled } from './browser.mjs'
import { dialogs, tabbable } from './tabbing.mjs'

const pages = [
  ['first-page', '', 'Dashboard'],
  ['start', '/start', 'First steps'],
  ['projects', '/projects', 'Projects'],
  ['overview', '/projects/hello', 'Overview'],
  ['releases', '/projects/hello/releases', 'Releases'],
  ['release', '/projects/hello/releases/0.0.1', 'Release 0.0.1'],
  ['channels', '/projects/hello/channels', 'Channels'],
  ['release-new', '/projects/hello/releases/new', 'Create a release'],
  ['release-deploy', '/projects/hello/releases/0.0.1/deploy', 'Deploy 0.0.1'],
  ['process-page', '/projects/hello/process', 'Process'],
  ['variables-page', '/projects/hello/variables', 'Variables'],
  ['templates', '/projects/hello/templates', 'Variable templates'],
  ['settings', '/projects/hello/settings', 'Settings'],
  ['tasks', '/tasks', 'Tasks'],
  ['task-page', '/tasks/{task}', 'Deploy Hello release 0.0.1 to Development'],
  ['environments', '/infrastructure', 'Environments'],
  ['machines', '/infrastructure/machines', 'Machines'],
  ['machine', '/infrastructure/machines/Machines-1', 'web-1'],
  ['add-machine', '/infrastructure/machines/new', 'Add a machine'],
  ['add-by-address', '/infrastructure/machines/new?by=address', 'Add a machine'],
  ['add-worker-by-address', '/infrastructure/machines/new?by=address&worker=true', 'Add a worker'],
  ['workers', '/infrastructure/workers', 'Workers'],
  ['worker', '/infrastructure/workers/{worker}', 'builder-1'],
  ['pools', '/infrastructure/pools', 'Worker pools'],
  ['policies', '/infrastructure/policies', 'Machine policies'],
  ['proxies', '/infrastructure/proxies', 'Proxies'],
  ['accounts', '/infrastructure/accounts', 'Accounts'],
  ['packages', '/library', 'Packages'],
  ['package', '/library/packages/Shop.Web', 'Shop.Web'],
  ['feeds', '/library/feeds', 'Feeds'],
  ['lifecycles', '/library/lifecycles', 'Lifecycles'],
  ['variable-sets', '/library/variables', 'Variable sets'],
  ['variable-set', '/library/variables/{set}', 'Common'],
  ['tenants', '/library/tenants', 'Tenants'],
  ['tenant', '/library/tenants/{tenant}', 'Acme'],
  ['tags', '/library/tags', 'Tag sets'],
  ['nodes', '/configuration', 'Nodes'],
  ['storage', '/configuration/storage', 'Storage'],
  ['master-key', '/configuration/master-key', 'Master key'],
  ['teams', '/configuration/teams', 'Teams'],
  ['team', '/configuration/teams/{team}', 'Shop people'],
  ['roles', '/configuration/roles', 'Roles'],
  ['users', '/configuration/users', 'Users'],
  ['user', '/configuration/users/Users-1', 'admin'],
  ['audit', '/configuration/audit', 'Audit'],
  ['spaces', '/configuration/spaces', 'Spaces'],
  ['space', '/configuration/spaces/Spaces-1', 'Default'],
  ['status', '/configuration/status', 'Server status'],
]

/** What some of the pages show has to be there. */
async function furnish(page) {
  const make = (noun, doc) => api(page, 'POST', `/api/Spaces-1/${noun}`, doc)
  const pool = (await api(page, 'GET', '/api/Spaces-1/workerpools/all'))[0]
  const worker = await make('workers', { Name: 'builder-1', WorkerPoolIds: [pool.Id], IsDisabled: true, Endpoint: { CommunicationStyle: 'TentaclePassive', Uri: 'https://builder-1.example:10933/', Thumbprint: '0123456789ABCDEF0123456789ABCDEF01234567' } })
  const set = await make('libraryvariablesets', { Name: 'Common', ContentType: 'Variables', Templates: [{ Name: 'Region', Label: 'Region of the data', HelpText: 'As the contract says', DisplaySettings: { 'Octopus.ControlType': 'Select', 'Octopus.SelectOptions': 'eu|Europe\nus|America' } }] })
  const team = await api(page, 'POST', '/api/teams', { Name: 'Shop people', SpaceId: 'Spaces-1', MemberUserIds: [] })
  await make('tagsets', { Name: 'Region', Tags: [{ Name: 'West', Color: '#227733' }, { Name: 'East', Color: '#772233' }] })
  await make('proxies', { Name: 'Edge', Host: 'proxy.example', Port: 3128, ProxyType: 'HTTP' })
  const project = (await api(page, 'GET', '/api/Spaces-1/projects/all'))[0]
  const environment = (await api(page, 'GET', '/api/Spaces-1/environments/all'))[0]
  await api(page, 'PUT', `/api/Spaces-1/projects/${project.Id}`, { ...project, IncludedLibraryVariableSetIds: [set.Id] })
  const tenant = await make('tenants', { Name: 'Acme', TenantTags: ['Region/West'], ProjectEnvironments: { [project.Id]: [environment.Id] } })
  return { worker: worker.Id, set: set.Id, team: team.Id, tenant: tenant.Id }
}

export async function everyPage(page, task) {
  const things = { task: task.match(/ServerTasks-\d+/)[0], ...(await furnish(page)) }
  for (const [name, path, heading] of pages) {
    const start = Date.now()
    await page.goto(at(`/Spaces-1${path.replace(/\{(\w+)\}/, (_, n) => things[n])}`))
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' })
    await settled(page)
    const took = Date.now() - start
    if (took > 1500) console.log(`${name} took ${took} ms`)
    expect((await page.getByRole('alert').count()) === 0, `${name} shows a failure: ${await page.getByRole('alert').allInnerTexts()}`)
    await both(page, name)
    await tabbable(page, name)
    await dialogs(page, name)
  }
  // An address of the form that clients print, and one that does not exist.
  await page.goto(at('#/Spaces-1/projects/hello/deployments/releases/0.0.1'))
  await page.getByRole('heading', { name: 'Release 0.0.1' }).waitFor()
  await page.goto(at('/Spaces-1/nothing/here'))
  await page.getByText('There is no page at this address').waitFor()
  await page.goto(at('/Spaces-1/projects/nothing-like-it'))
  await page.getByRole('alert').waitFor()
}
