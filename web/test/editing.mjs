// The process, the variables and the settings of a project, and the values of a tenant, edited, saved, and read again.
import { api, at, both, expect } from './browser.mjs'

export async function editing(page) {
  const project = (await api(page, 'GET', '/api/Spaces-1/projects/all'))[0]
  await page.goto(at(`/Spaces-1/projects/${project.Slug}/process`))
  await page.getByRole('button', { name: 'Add a step' }).click()
  await page.getByLabel('Search for a type of step').fill('powershell')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('textbox', { name: 'Name', exact: true })
  await dialog.fill('Warm up')
  await page.getByLabel('Once, on the server or a worker').check()
  const editor = page.getByLabel('Script', { exact: true })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+A')
  const script = 'for i in 1 2 3; do echo "warm #{Greeting} $i"; done; echo "site #{Octopus.Action.Package[site].PackageVersion} has $(ls site | wc -l) files"'
  await page.keyboard.type(script)
  await reference(page)
  await both(page, 'process')
  // Alt and an arrow move the step; Ctrl S saves.
  await page.getByRole('listitem').last().getByRole('button').focus()
  await page.keyboard.press('Alt+ArrowUp')
  await page.keyboard.press('ControlOrMeta+s')
  await page.getByRole('button', { name: 'Save' }).and(page.locator('[disabled]:not([data-loading])')).waitFor()
  const saved = await api(page, 'GET', `/api/Spaces-1/projects/${project.Id}/deploymentprocesses`)
  expect(saved.Steps.map((s) => s.Name).join() === 'Say hello,Warm up,Deploy Shop.Web', `the steps are ${saved.Steps.map((s) => s.Name)}`)
  const body = saved.Steps[1].Actions[0].Properties['Octopus.Action.Script.ScriptBody']
  expect(body === script, `the script is ${body}`)
  const [site] = saved.Steps[1].Actions[0].Packages
  expect(site?.Name === 'site' && site.PackageId === 'Shop.Web' && site.FeedId === 'feeds-builtin', `the script refers to ${JSON.stringify(site)}`)

  // A step of several actions goes from machine to machine, so many at a time: a window.
  await page.getByRole('listitem').last().getByRole('button').click()
  await page.getByRole('textbox', { name: 'Window' }).fill('many')
  await page.getByText('A number of machines, from 1').waitFor()
  await page.getByRole('textbox', { name: 'Window' }).fill('2')
  await page.getByRole('button', { name: 'Add an action to this step' }).click()
  await page.getByLabel('Search for a type of step').fill('bash')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Name of the action' }).fill('Check it')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Save' }).and(page.locator('[disabled]:not([data-loading])')).waitFor()
  const rolling = (await api(page, 'GET', `/api/Spaces-1/projects/${project.Id}/deploymentprocesses`)).Steps[2]
  expect(rolling.Properties['Octopus.Action.MaxParallelism'] === '2', 'the window is stored')
  expect(rolling.Actions.map((a) => a.Name).join() === 'Deploy Shop.Web,Check it', `the actions are ${rolling.Actions.map((a) => a.Name)}`)
  await both(page, 'rolling')

  // A save that the server refuses says why, and keeps what was typed.
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Say hello')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').waitFor()
  expect((await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()) === 'Say hello', 'what was typed is kept')
  await page.getByRole('button', { name: 'Undo the changes' }).click()

  await page.goto(at(`/Spaces-1/projects/${project.Slug}/variables`))
  for (const [name, value] of [['Greeting', 'Hello'], ['Greeting', 'Hello Development']]) {
    await page.getByRole('button', { name: 'Add a variable' }).click()
    const row = page.getByRole('row').nth((await page.getByRole('button', { name: /^Remove/ }).count()))
    await row.getByRole('textbox', { name: 'Name' }).fill(name)
    await row.getByLabel(/^Value of/).fill(value)
  }
  await page.getByText('nobody can say which wins').waitFor()
  const second = page.getByRole('row').nth(2)
  await second.getByLabel('Scope of Greeting').click()
  await page.getByRole('listbox', { name: 'Scope of Greeting' }).getByRole('option', { name: 'Development' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Add a variable' }).click()
  const third = page.getByRole('row').nth(3)
  await third.getByRole('textbox', { name: 'Name' }).fill('Password')
  await third.getByLabel('Type of Password').selectOption('Sensitive')
  await third.getByLabel('Value of Password').fill('s3cret-value')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Save' }).and(page.locator('[disabled]:not([data-loading])')).waitFor()
  const set = await api(page, 'GET', `/api/Spaces-1/variables/${project.VariableSetId}`)
  const environment = (await api(page, 'GET', '/api/Spaces-1/environments/all'))[0]
  expect(set.Variables.filter((v) => v.Name === 'Greeting').length === 2, 'both values of Greeting are stored')
  expect(set.Variables.some((v) => v.Value === 'Hello Development' && v.Scope.Environment?.[0] === environment.Id), 'the scope is stored')
  expect(!JSON.stringify(set).includes('s3cret-value') && set.Variables.some((v) => v.Name === 'Password' && v.IsSensitive), 'the sensitive value is stored and not shown')
  // What wins where.
  const preview = page.getByRole('region', { name: 'Preview' })
  await preview.getByLabel('Environment').selectOption({ label: 'Development' })
  await preview.getByRole('cell', { name: 'Hello Development' }).waitFor()
  await both(page, 'variables')

  await settings(page, project)
  await tenant(page, project, environment)

  // A release with the new process, through its pages.
  await page.goto(at(`/Spaces-1/projects/${project.Slug}`))
  await page.getByRole('link', { name: 'Create a release' }).click()
  for (const name of ['Shop.Web', 'site']) await page.getByLabel(`Version of ${name}`).and(page.locator('[value="1.0.0"]')).waitFor()
  expect((await page.getByLabel('Release notes').inputValue()) === 'What is new:', 'the notes begin as the settings say')
  await both(page, 'new-release')
  await page.getByRole('button', { name: 'Create the release' }).click()
  await page.getByRole('link', { name: 'Deploy …' }).click()
  await page.getByText('What will run').waitFor()
  await both(page, 'deploy')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await page.getByRole('log').getByText('warm Hello Development 3').waitFor({ timeout: 60_000 })
  await page.getByRole('log').getByText(/^site 1.0.0 has [1-9]/).waitFor({ timeout: 60_000 })
  await page.getByText('Success', { exact: true }).first().waitFor({ timeout: 60_000 })

  // Search in the log, and a link to a line that leads there.
  await page.keyboard.press('s')
  await page.keyboard.type('warm hello')
  await page.getByText(/\d found/).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText(/1 of \d/).waitFor()
  await page.locator('.log .entry', { hasText: 'warm Hello Development 2' }).locator('.no').click()
  await page.waitForURL(/line=\d/)
  await page.reload()
  await page.locator('.log .linked', { hasText: 'warm Hello Development 2' }).waitFor()
}

const saved = (page) => page.getByRole('button', { name: 'Save', exact: true }).and(page.locator('[disabled]:not([data-loading])')).waitFor()

/** A script refers to a package, by keyboard: added, refused without a package, renamed. */
async function reference(page) {
  const references = page.getByRole('group', { name: 'Referenced packages' })
  await references.getByRole('button', { name: 'Refer to a package' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.getByText('Name a package').waitFor()
  await dialog.getByLabel(/^Package/).fill('Shop.Web')
  expect((await dialog.getByRole('textbox', { name: 'Name', exact: true }).inputValue()) === 'Shop.Web', 'the name follows the package')
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).focus()
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await references.getByRole('button', { name: 'Edit the package Shop.Web' }).click()
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('site')
  await both(page, 'reference')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await references.getByRole('button', { name: 'Remove the package site' }).waitFor()
}

/** Releases are numbered by a package, then by a template again; what deployments do is chosen. */
async function settings(page, project) {
  await page.goto(at(`/Spaces-1/projects/${project.Slug}/settings`))
  await page.getByLabel('That of a package of the process').check()
  await page.getByLabel('Package', { exact: true }).selectOption({ label: 'Deploy Shop.Web: Shop.Web' })
  await page.getByLabel('Machines that are not available').selectOption('SkipUnavailableMachines')
  await page.getByLabel('Machines that are not healthy are left out').check()
  await page.getByLabel('Release notes to begin with').fill('What is new:')
  await page.keyboard.press('ControlOrMeta+s')
  await saved(page)
  const read = () => api(page, 'GET', `/api/Spaces-1/projects/${project.Id}/deploymentsettings`)
  const numbered = await read()
  expect(numbered.VersioningStrategy.DonorPackage?.DeploymentAction === 'Deploy Shop.Web' && !numbered.VersioningStrategy.Template, `releases are numbered by ${JSON.stringify(numbered.VersioningStrategy)}`)
  expect(numbered.ConnectivityPolicy.SkipMachineBehavior === 'SkipUnavailableMachines' && numbered.ConnectivityPolicy.ExcludeUnhealthyTargets, `the policy is ${JSON.stringify(numbered.ConnectivityPolicy)}`)
  await page.getByRole('link', { name: 'Create a release' }).click()
  await page.getByRole('textbox', { name: 'Version', exact: true }).and(page.locator('[value="1.0.0"]')).waitFor()
  await page.goto(at(`/Spaces-1/projects/${project.Slug}/settings`))
  await page.getByLabel('From a template').check()
  await page.getByLabel('Template', { exact: true }).fill('0.0.i')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await saved(page)
  const strategy = (await read()).VersioningStrategy
  expect(strategy.Template === '0.0.i' && !strategy.DonorPackage, `releases are numbered by ${JSON.stringify(strategy)}`)
}

/** A project asks its tenants for values; one of them gives some, a secret among them, and takes one back. */
async function tenant(page, project, environment) {
  await page.goto(at(`/Spaces-1/projects/${project.Slug}/templates`))
  for (const [name, field] of [['Port', 'SingleLineText'], ['Token', 'Sensitive']]) {
    await page.getByRole('button', { name: 'Add a template' }).click()
    // The new one has the focus.
    await page.keyboard.type(name)
    await page.getByRole('group', { name: `Template ${name}` }).getByLabel('Field').selectOption(field)
  }
  // Their order is changed by keyboard, and the button keeps the focus.
  await page.getByRole('button', { name: 'Move Token up' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Move Token down')
  const order = () => page.getByRole('group', { name: /^Template / }).evaluateAll((list) => list.map((e) => e.getAttribute('aria-label')).join())
  expect((await order()) === 'Template Token,Template Port', `the templates are ${await order()}`)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Move Token up')
  expect((await order()) === 'Template Port,Template Token', `the templates are ${await order()}`)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await saved(page)
  const { Id } = await api(page, 'POST', '/api/Spaces-1/tenants', { Name: 'Globex', ProjectEnvironments: { [project.Id]: [environment.Id] } })
  await page.goto(at('/Spaces-1/library/tenants'))
  await page.getByRole('link', { name: 'Values of Globex' }).click()
  await page.getByText('2 values are missing').waitFor()
  const port = page.getByLabel('Port in Development')
  await port.fill('8080')
  await page.getByLabel('Token in Development').fill('t0ken-value')
  await both(page, 'tenant-values')
  // A save that fails says so and keeps what was typed.
  const values = new RegExp(`/tenants/${Id}/variables`)
  await page.route(values, (route) => (route.request().method() === 'PUT' ? route.fulfill({ status: 400, contentType: 'application/json', body: '{"ErrorMessage":"not today","Errors":[]}' }) : route.fallback()))
  await page.keyboard.press('ControlOrMeta+s')
  await page.getByRole('alert').getByText('not today').waitFor()
  expect((await port.inputValue()) === '8080', 'what was typed is kept')
  await page.unroute(values)
  await page.keyboard.press('ControlOrMeta+s')
  await saved(page)
  await page.getByText('Every variable has a value or a default').waitFor()
  const given = async () => (await api(page, 'GET', `/api/Spaces-1/tenants/${Id}/variables`)).ProjectVariables[project.Id].Variables[environment.Id]
  const now = Object.values(await given())
  expect(now.includes('8080') && now.some((v) => v.HasValue) && !JSON.stringify(now).includes('t0ken-value'), `the values are ${JSON.stringify(now)}`)
  await page.getByText('No value is missing').waitFor()
  await page.getByLabel('Only what is missing').uncheck()
  await page.getByRole('button', { name: 'Take away: Token in Development' }).click()
  await page.getByText('One value is missing').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await saved(page)
  expect(Object.values(await given()).join() === '8080', `the values are ${JSON.stringify(await given())}`)
}
