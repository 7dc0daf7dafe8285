// What an operator does: drain the node and let it work again, pause the queue, make and revoke a key, read what was changed.
import { readFileSync } from 'node:fs'
import { api, at, expect, settings } from './browser.mjs'

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

  await page.goto(at('/Spaces-1/configuration/audit?kind=VariableSets'))
  await page.getByRole('button', { name: 'Differences' }).first().click()
  await page.getByRole('dialog').locator('.diff').getByText('Variables').first().waitFor()
}
