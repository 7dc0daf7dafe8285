// What lasts: views have addresses, and what was typed outlives the session in which it was typed.
import { api, at, both, expect, settings, settled } from './browser.mjs'

export async function lasting(page) {
  await addresses(page)
  await lifecycle(page)
  await common(page)
  await session(page)
}

const saved = (page) => page.getByRole('button', { name: 'Save', exact: true }).and(page.locator('[disabled]:not([data-loading])')).waitFor()

/** A step, what a preview is of, and a search in a log stand in the address; a filter does not leave the page that is edited. */
async function addresses(page) {
  await page.goto(at('/Spaces-1/projects/hello/process'))
  await page.getByRole('listitem').nth(1).getByRole('button').click()
  await page.waitForURL(/step=/)
  await page.reload()
  await page.locator('[role="listitem"]:nth-child(2) [aria-current="true"]').waitFor()
  // Steps are dragged, too.
  await page.getByRole('listitem').first().dragTo(page.getByRole('listitem').last())
  await page.locator('[role="listitem"]:last-child [aria-current="true"]', { hasText: 'Say hello' }).waitFor()
  await page.getByRole('button', { name: 'Undo the changes' }).click()

  await page.goto(at('/Spaces-1/projects/hello/variables'))
  await page.getByRole('button', { name: 'Add a variable' }).click()
  const preview = page.getByRole('region', { name: 'Preview' })
  await preview.getByLabel('Machine').selectOption({ label: 'web-1' })
  await page.waitForURL(/machine=Machines-1/)
  await page.getByRole('button', { name: 'Undo the changes' }).click()
  await page.reload()
  await page.waitForFunction(() => [...document.querySelectorAll('section[aria-label="Preview"] select')].some((s) => s.value === 'Machines-1'))
  await preview.getByText('this project').first().waitFor()

  // Another filter begins with the first page.
  await page.goto(at('/Spaces-1/tasks?page=7'))
  await page.getByText('There is no task yet').or(page.getByText('No task matches the filters')).waitFor()
  await page.getByLabel('State', { exact: true }).selectOption('Success')
  await page.waitForURL((u) => !u.searchParams.has('page') && u.searchParams.get('state') === 'Success')
  await page.getByRole('row', { name: /Deploy Hello/ }).first().waitFor()
  await page.getByRole('row', { name: /Deploy Hello release 0.0.1 to Development/ }).getByRole('link').first().click()
  await page.getByRole('navigation', { name: 'What is deployed' }).getByRole('link', { name: 'release 0.0.1' }).waitFor()
  await page.getByLabel('Search in the log').fill('development')
  await page.waitForURL(/find=development/)
  await page.getByText(/\d found/).waitFor()
  await page.reload()
  await page.getByText(/\d found/).waitFor()
}

/** What a lifecycle keeps is what the space says until it says otherwise itself. */
async function lifecycle(page) {
  const [first] = await api(page, 'GET', '/api/Spaces-1/lifecycles/all')
  await page.goto(at(`/Spaces-1/library/lifecycles?edit=${first.Id}`))
  const dialog = page.getByRole('dialog')
  const releases = dialog.getByLabel('Releases kept', { exact: true })
  await releases.waitFor()
  expect((await releases.inputValue()) === 'Default' && /as the space says/.test(await releases.locator('option:checked').innerText()), `releases are kept ${await releases.inputValue()}`)
  await releases.selectOption('Days')
  await dialog.getByLabel('Releases kept: how many').fill('21')
  for (const name of ['First', 'Second']) {
    await dialog.getByRole('button', { name: 'Add a phase' }).click()
    await dialog.getByRole('group').last().getByRole('textbox', { name: /^Phase/ }).fill(name)
  }
  await dialog.getByRole('button', { name: 'Move Second up' }).click()
  await both(page, 'lifecycle')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  const now = await api(page, 'GET', `/api/Spaces-1/lifecycles/${first.Id}`)
  expect(now.ReleaseRetentionPolicy.QuantityToKeep === 21 && now.ReleaseRetentionPolicy.Unit === 'Days' && now.TentacleRetentionPolicy.Strategy === 'Default', `it keeps ${JSON.stringify(now.ReleaseRetentionPolicy)}`)
  expect(now.Phases.map((p) => p.Name).join() === 'Second,First' && now.Phases.every((p) => p.ReleaseRetentionPolicy === null), `its phases are ${JSON.stringify(now.Phases)}`)
  await page.getByText('Releases: those of the last 21 days').waitFor()
  await api(page, 'PUT', `/api/Spaces-1/lifecycles/${first.Id}`, first)
}

/** A tenant gives a template of a variable set one value for everywhere, and another for an environment. */
async function common(page) {
  const tenant = (await api(page, 'GET', '/api/Spaces-1/tenants/all')).find((t) => t.Name === 'Acme')
  const [environment] = await api(page, 'GET', '/api/Spaces-1/environments/all')
  await page.goto(at(`/Spaces-1/library/tenants/${tenant.Id}`))
  const set = page.getByRole('region', { name: 'Common' })
  await set.getByLabel('Region of the data', { exact: true }).selectOption('eu')
  await set.getByRole('button', { name: 'Another value of Region of the data' }).click()
  await set.getByLabel(`Region of the data in ${environment.Name}`, { exact: true }).selectOption('us')
  await both(page, 'tenant-common')
  await page.keyboard.press('ControlOrMeta+s')
  await saved(page)
  const values = (await api(page, 'GET', `/api/Spaces-1/tenants/${tenant.Id}/commonvariables`)).Variables
  expect(values.map((v) => `${v.Value} ${v.Scope.EnvironmentIds}`).sort().join() === `eu ,us ${environment.Id}`, `the values are ${JSON.stringify(values)}`)
  await settled(page)
  await set.getByRole('button', { name: `Remove Region of the data in ${environment.Name}` }).click()
  await page.keyboard.press('ControlOrMeta+s')
  await saved(page)
  const left = (await api(page, 'GET', `/api/Spaces-1/tenants/${tenant.Id}/commonvariables`)).Variables
  expect(left.length === 1 && left[0].Value === 'eu', `the values are ${JSON.stringify(left)}`)
}

/** The session ends while somebody types: the page asks for a sign-in above, and keeps what was typed. */
async function session(page) {
  await page.goto(at('/Spaces-1/projects/hello/variables'))
  await page.getByRole('button', { name: 'Add a variable' }).click()
  const row = page.getByRole('row').nth(await page.getByRole('button', { name: /^Remove/ }).count())
  await row.getByRole('textbox', { name: 'Name' }).fill('Lasting')
  await row.getByLabel('Value of Lasting').fill('kept')
  await api(page, 'POST', '/api/users/Users-1/revoke-sessions', {})
  await page.keyboard.press('ControlOrMeta+s')
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await dialog.waitFor()
  await both(page, 'session-ended')
  await dialog.getByLabel('User name').fill(settings.user)
  await dialog.locator('input[type=password]').fill(settings.password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect((await page.getByLabel('Value of Lasting').inputValue()) === 'kept', 'what was typed outlives the session')
  await page.keyboard.press('ControlOrMeta+s')
  await saved(page)
  const project = (await api(page, 'GET', '/api/Spaces-1/projects/all')).find((p) => p.Slug === 'hello')
  const set = await api(page, 'GET', `/api/Spaces-1/variables/${project.VariableSetId}`)
  expect(set.Variables.some((v) => v.Name === 'Lasting' && v.Value === 'kept'), 'what was typed is saved after the new sign-in')
}
