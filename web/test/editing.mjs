// The process and the variables of a project, edited, saved, and read again.
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
  await page.keyboard.type('for i in 1 2 3; do echo "warm #{Greeting} $i"; done')
  await both(page, 'process')
  // Alt and an arrow move the step; Ctrl S saves.
  await page.getByRole('listitem').last().getByRole('button').focus()
  await page.keyboard.press('Alt+ArrowUp')
  await page.keyboard.press('ControlOrMeta+s')
  await page.getByRole('button', { name: 'Save' }).and(page.locator('[disabled]')).waitFor()
  const saved = await api(page, 'GET', `/api/Spaces-1/projects/${project.Id}/deploymentprocesses`)
  expect(saved.Steps.map((s) => s.Name).join() === 'Say hello,Warm up,Deploy Shop.Web', `the steps are ${saved.Steps.map((s) => s.Name)}`)
  const body = saved.Steps[1].Actions[0].Properties['Octopus.Action.Script.ScriptBody']
  expect(body === 'for i in 1 2 3; do echo "warm #{Greeting} $i"; done', `the script is ${body}`)

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
  await page.getByRole('button', { name: 'Save' }).and(page.locator('[disabled]')).waitFor()
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
  await page.getByRole('button', { name: 'Save' }).and(page.locator('[disabled]')).waitFor()
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

  // A release with the new process, through its pages.
  await page.getByRole('link', { name: 'Create a release' }).click()
  await page.getByLabel('Version of Shop.Web').and(page.locator('[value="1.0.0"]')).waitFor()
  await both(page, 'new-release')
  await page.getByRole('button', { name: 'Create the release' }).click()
  await page.getByRole('link', { name: 'Deploy …' }).click()
  await page.getByText('What will run').waitFor()
  await both(page, 'deploy')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await page.getByRole('log').getByText('warm Hello Development 3').waitFor({ timeout: 60_000 })
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
