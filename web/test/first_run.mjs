// From an empty server to a finished deployment, without leaving the browser, but for the one command on the machine.
import { mkdirSync } from 'node:fs'
import { api, at, both, expect, run, settings } from './browser.mjs'

export async function firstRun(page) {
  await page.getByText('This space has no environment yet').waitFor()
  await page.getByRole('link', { name: 'First steps' }).click()
  await page.getByRole('button', { name: 'Make the environment' }).click()

  await page.getByRole('combobox', { name: 'Roles' }).waitFor()
  await both(page, 'first-steps')
  await page.getByRole('textbox', { name: 'Name' }).fill('web-1')
  await page.getByRole('button', { name: 'Show the command' }).click()
  const command = await page.getByTestId('join-command').innerText()
  expect(/^mantle-agent join --server \S+ --api-key API-\S+ --environment Development --role web --name web-1 --polling$/.test(command.trim()), `the command is ${command}`)
  const keys = await api(page, 'GET', `/api/users/${(await api(page, 'GET', '/api/users/me')).Id}/apikeys`)
  const life = Date.parse(keys.Items.find((k) => k.Purpose.startsWith('Add a machine')).Expires) - Date.now()
  expect(life > 3_500_000 && life < 3_660_000, `the key in the command lives for ${life} ms`)

  const home = `${settings.dir}/agent`
  mkdirSync(home, { recursive: true })
  const comms = process.env.MANTLE_COMMS_PORT ? ` --server-comms-port ${process.env.MANTLE_COMMS_PORT}` : ''
  const agent = run(`${command.trim().replace('mantle-agent', settings.agent)} --home ${home}${comms}`, { env: { ...process.env, HOME: home, TentacleMachineConfigurationHomeDirectory: `${home}/etc` } })
  // It turns green by itself: the guide goes on when the machine is healthy.
  await page
    .getByRole('button', { name: 'Make the project' })
    .waitFor({ timeout: 40_000 })
    .catch(() => {
      throw new Error(`the machine did not appear; the agent said:\n${agent.said()}`)
    })
  await page.getByRole('button', { name: 'Make the project' }).click()

  const file = `${settings.dir}/Shop.Web.1.0.0.zip`
  await page.getByLabel('Package files').setInputFiles(file)
  await page.getByRole('button', { name: 'Create the release' }).click()
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()

  // The log, live, to its end.
  await page.waitForURL(/\/tasks\/ServerTasks-/)
  await page.getByRole('log').getByText('Deploying to Development').first().waitFor({ timeout: 30_000 })
  await page.getByText('Success', { exact: true }).first().waitFor({ timeout: 60_000 })
  await page.getByRole('log').getByText('Deploy Shop.Web').first().waitFor()
  await both(page, 'task')
  return page.url()
}

/** A deployment as the dashboard shows it, without being loaded again. */
export async function dashboardIsLive(page) {
  await page.goto(at('/Spaces-1'))
  const cell = page.getByRole('gridcell').getByRole('link', { name: /Hello, Development: .*0\.0\.1/ })
  await cell.waitFor()
  await both(page, 'dashboard')
  // A release made elsewhere, by a script, appears by itself.
  const project = (await api(page, 'GET', '/api/Spaces-1/projects/all'))[0]
  const release = await api(page, 'POST', '/api/Spaces-1/releases', { ProjectId: project.Id, Version: '0.0.2', SelectedPackages: [{ ActionName: 'Deploy Shop.Web', Version: '1.0.0' }] })
  const environment = (await api(page, 'GET', '/api/Spaces-1/environments/all'))[0]
  const asked = Date.now()
  const deployment = await api(page, 'POST', '/api/Spaces-1/deployments', { ReleaseId: release.Id, EnvironmentId: environment.Id })
  await page.getByRole('gridcell').getByRole('link', { name: /Hello, Development: .*0\.0\.2/ }).waitFor()
  const took = Date.now() - asked
  console.log(`the dashboard showed a deployment after ${took} ms`)
  await page.getByRole('gridcell').getByRole('link', { name: /: Success 0\.0\.2/ }).waitFor({ timeout: 60_000 })
  return deployment.TaskId
}
