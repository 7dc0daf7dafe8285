// What an operator does: drain the node and let it work again, pause the queue, make and revoke a key, read what was changed.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { api, at, both, expect, run, settings } from './browser.mjs'

export async function operating(page) {
  await page.goto(at('/Spaces-1/configuration'))
  await page.getByRole('button', { name: 'Drain', exact: true }).click()
  await page.getByRole('button', { name: 'Drain it' }).click()
  await page.getByText('drained: it takes no tasks').waitFor()
  expect((await api(page, 'GET', '/api/octopusservernodes/summary')).Nodes[0].IsInMaintenanceMode, 'the node is drained')
  await page.getByRole('button', { name: 'Take tasks again' }).click()
  await page.getByText('online', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Maintenance mode' }).click()
  await page.getByRole('button', { name: 'Begin it' }).click()
  await page.getByText('only administrators change anything').waitFor()
  expect((await api(page, 'GET', '/api/serverstatus')).IsInMaintenanceMode, 'the server is in maintenance mode')
  await page.getByRole('button', { name: 'End it' }).click()
  await page.getByRole('button', { name: 'Maintenance mode' }).waitFor()

  await page.goto(at('/Spaces-1/tasks'))
  await page.getByRole('button', { name: 'Pause the queue' }).click()
  await page.getByRole('button', { name: 'Pause it' }).click()
  await page.getByText('The queue is paused').waitFor()
  // What is queued now waits, and the page of it says so; moved on, it ends.
  const task = await api(page, 'POST', '/api/Spaces-1/tasks', { Name: 'Health', Description: 'Check everything', Arguments: {} })
  await page.getByRole('row', { name: /Check everything/ }).getByText('Queued').waitFor()
  await page.getByRole('button', { name: 'Let it go on' }).click()
  await page.getByRole('row', { name: /Check everything/ }).getByText('Success').waitFor({ timeout: 30_000 })
  expect((await api(page, 'GET', `/api/tasks/${task.Id}`)).FinishedSuccessfully, 'the health check succeeded')

  await page.goto(at('/Spaces-1/configuration/users/Users-1'))
  await page.getByLabel('What for').fill('a build server')
  await page.getByRole('button', { name: 'New API key' }).click()
  await page.getByText(/^API-[A-Z0-9]+$/).waitFor()
  const row = page.getByRole('row', { name: /a build server/ })
  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('button', { name: 'Revoke it' }).click()
  await row.waitFor({ state: 'detached' })

  // A copy of the master key is tried: another key first, then the right one.
  await page.goto(at('/Spaces-1/configuration/master-key'))
  await page.getByText('Nobody has shown yet').waitFor()
  const copy = page.getByLabel('A copy of the key')
  await copy.fill(Buffer.alloc(32, 7).toString('base64'))
  await page.getByRole('button', { name: 'Try the copy' }).click()
  await page.getByRole('alert').getByText('this is another master key').waitFor()
  await copy.fill(readFileSync(`${settings.dir}/server/data/master.key`, 'utf8').trim())
  await page.getByRole('button', { name: 'Try the copy' }).click()
  await page.getByText('A copy of the key was found to be the right one').waitFor()
  expect((await copy.inputValue()) === '', 'the key does not stay on the page')

  // A team gets a role.
  await page.goto(at('/Spaces-1/configuration/teams'))
  await page.getByRole('link', { name: 'Shop people' }).click()
  await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Project Deployer' })
  await page.getByRole('button', { name: 'Give it' }).click()
  await page.getByRole('cell', { name: 'Project Deployer', exact: true }).waitFor()

  // What the dashboard shows is chosen, for this user, and kept.
  await page.goto(at('/Spaces-1'))
  await page.getByRole('columnheader', { name: 'Production' }).waitFor()
  await page.getByRole('button', { name: 'Choose …' }).click()
  await page.getByRole('dialog').getByLabel('Environments').first().click()
  await page.getByRole('option', { name: 'Development' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('columnheader', { name: 'Production' }).waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('columnheader', { name: 'Development' }).waitFor()
  expect((await page.getByRole('columnheader').count()) === 2, 'the choice is kept')
  await page.getByRole('button', { name: 'Chosen …' }).click()
  await page.getByRole('button', { name: 'Show everything' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('columnheader', { name: 'Production' }).waitFor()

  await listening(page)
  await feeds(page)
  await keeping(page)

  await page.goto(at('/Spaces-1/configuration/audit?kind=VariableSets'))
  await page.getByRole('button', { name: 'Differences' }).first().click()
  await page.getByRole('dialog').locator('.diff').getByText('Variables').first().waitFor()
  await page.reload()
  await page.getByRole('dialog').locator('.diff').getByText('Variables').first().waitFor()
}

/** A machine is added by the address of an agent that listens; what answers is compared first, and what was typed stays when nobody does. */
async function listening(page) {
  const trust = (await api(page, 'GET', '/api/configuration/certificates/certificate-global')).Thumbprint
  const port = await freePort()
  await page.goto(at('/Spaces-1/infrastructure/machines/new'))
  await page.getByRole('radio', { name: /By its address/ }).check()
  await page.waitForURL(/by=address/)
  await page.getByLabel('Host').fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(port))
  await page.getByRole('button', { name: 'Ask the agent' }).click()
  await page.getByRole('alert').getByText('no agent answers').waitFor({ timeout: 60_000 })
  expect((await page.getByLabel('Host').inputValue()) === '127.0.0.1', 'what was typed is kept')

  const home = `${settings.dir}/listening`
  const env = { ...process.env, HOME: home, TentacleMachineConfigurationHomeDirectory: `${home}/etc` }
  const agent = (...words) => execFileSync(settings.agent, words, { encoding: 'utf8', env })
  mkdirSync(home, { recursive: true })
  agent('create-instance', '--instance=listening', `--home=${home}`)
  agent('new-certificate')
  agent('configure', `--port=${port}`, '--listenIpAddress=127.0.0.1', `--trust=${trust}`)
  run(`${settings.agent} run --noninteractive`, { env })
  const own = agent('show-thumbprint').match(/[0-9A-F]{40}/)[0]
  for (let i = 0; ; i++) {
    await page.getByRole('button', { name: 'Ask the agent' }).click()
    const answer = await page.waitForFunction(() => document.querySelector('[data-testid="found-thumbprint"]')?.textContent || (document.querySelector('[role="alert"]') && !document.querySelector('[data-loading]') ? 'none' : ''), undefined, { timeout: 60_000 })
    const said = await answer.jsonValue()
    if (said === own) break
    expect(said === 'none', `the page shows the thumbprint ${said}; the agent's is ${own}`)
    if (i === 60) throw new Error('the agent does not listen')
    await page.waitForTimeout(500)
  }
  await page.getByText('Compare the thumbprint first').waitFor()
  await page.getByRole('checkbox', { name: /They are the same/ }).check()
  await page.getByLabel('Name').fill('web-2')
  await page.getByRole('combobox', { name: 'Environments' }).or(page.getByLabel('Environments')).first().focus()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('option', { name: 'Production' }).click()
  await page.keyboard.press('Escape')
  await page.getByLabel('Roles').first().fill('cache')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Add the machine' }).click()
  await page.getByRole('heading', { level: 1, name: 'web-2' }).waitFor()
  await page.getByText('Online').waitFor({ timeout: 60_000 })
  const machine = (await api(page, 'GET', '/api/Spaces-1/machines/all')).find((m) => m.Name === 'web-2')
  expect(machine.Endpoint.Thumbprint === own && machine.Roles[0] === 'cache', `web-2 is ${JSON.stringify(machine.Endpoint)}`)
  await api(page, 'DELETE', `/api/Spaces-1/machines/${machine.Id}`)
}

/** A feed elsewhere is tried: this server's own, once without a password and once with a key. */
async function feeds(page) {
  const key = (await api(page, 'POST', '/api/users/Users-1/apikeys', { Purpose: 'a feed' })).ApiKey
  const feed = await api(page, 'POST', '/api/Spaces-1/feeds', { Name: 'Elsewhere', FeedType: 'NuGet', FeedUri: `${settings.url}/nuget/packages/v3/index.json` })
  await page.goto(at('/Spaces-1/library/feeds'))
  await page.getByRole('button', { name: 'Try Elsewhere' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('alert').getByText('wants a user name and a password').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Edit Elsewhere' }).click()
  await dialog.getByLabel('User name').fill('admin')
  await dialog.getByLabel('Password or token').fill(key)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Try Elsewhere' }).click()
  await dialog.getByText('It answers').waitFor()
  await both(page, 'try-feed')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Try Octopus Server (built-in)' }).click()
  await dialog.getByLabel("A part of a package's name").fill('shop')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Versions of Shop.Web' }).click()
  await dialog.getByRole('region', { name: 'Versions of Shop.Web' }).getByText('1.0.0').waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await api(page, 'DELETE', `/api/Spaces-1/feeds/${feed.Id}`)
}

/** What a space keeps by default. */
async function keeping(page) {
  await page.goto(at('/Spaces-1/configuration/spaces'))
  await page.getByRole('link', { name: 'Default' }).click()
  const form = page.getByRole('form', { name: 'Releases' })
  await form.getByRole('combobox').selectOption({ label: 'days' })
  await form.getByLabel('Keep the last').fill('14')
  await form.getByRole('button', { name: 'Save releases' }).click()
  await page.waitForFunction(() => document.querySelector('form[aria-label="Releases"] button[type="submit"]:disabled:not([data-loading])'))
  const kept = await api(page, 'GET', '/api/Spaces-1/retentionpolicies?RetentionType=LifecycleRelease')
  expect(kept.Strategy === 'Count' && kept.QuantityToKeep === 14 && kept.Unit === 'Days', `the space keeps ${JSON.stringify(kept)}`)
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
