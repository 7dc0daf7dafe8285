// Somebody who may see the projects of a space and nothing else: pages say what they may not show, and none breaks or waits for ever.
import { accessible, api, at, expect } from './browser.mjs'

/** Pages, and what stands on them. */
const seen = [
  ['', 'DeploymentView is needed'],
  ['/projects', 'Hello'],
  ['/projects/hello', 'DeploymentView is needed'],
  ['/projects/hello/settings', 'Delete the project'],
  ['/projects/hello/releases/new', 'ProcessView is needed'],
  ['/tasks', 'TaskView is needed'],
  ['/infrastructure', 'EnvironmentView is needed'],
  ['/library', 'FeedView is needed'],
]

export async function guest(page) {
  const password = 'A guest of 21 letters'
  const user = await api(page, 'POST', '/api/users', { Username: 'guest', DisplayName: 'Guest', Password: password, IsActive: true, IsService: false })
  const role = await api(page, 'POST', '/api/userroles', { Name: 'Onlooker', GrantedSpacePermissions: ['ProjectView'], GrantedSystemPermissions: [] })
  const team = await api(page, 'POST', '/api/teams', { Name: 'Onlookers', SpaceId: 'Spaces-1', MemberUserIds: [user.Id] })
  await api(page, 'POST', '/api/scopeduserroles', { TeamId: team.Id, UserRoleId: role.Id, SpaceId: 'Spaces-1' })
  const context = await page.context().browser().newContext()
  context.setDefaultTimeout(60_000)
  const other = await context.newPage()
  other.on('pageerror', (e) => expect(false, `${other.url()} broke for a guest: ${e.message}`))
  await other.goto(at('/Spaces-1'))
  await other.getByLabel('User name').fill('guest')
  await other.locator('input[type=password]').fill(password)
  await other.getByRole('button', { name: 'Sign in' }).click()
  for (const [path, text] of seen) {
    if (path) await other.goto(at(`/Spaces-1${path}`))
    await other.locator('#page').getByText(text).first().waitFor()
  }
  await accessible(other, 'a page for a guest')
  // What may not be done is refused with the reason.
  await other.goto(at('/Spaces-1/projects/hello/settings'))
  await other.getByRole('button', { name: 'Delete the project' }).click()
  await other.getByRole('button', { name: 'Delete it' }).click()
  await other.getByRole('dialog').getByRole('alert').getByText('ProjectDelete is needed').waitFor()
  await context.close()
  await api(page, 'DELETE', `/api/teams/${team.Id}`)
  await api(page, 'DELETE', `/api/userroles/${role.Id}`)
  await api(page, 'DELETE', `/api/users/${user.Id}`)
}
