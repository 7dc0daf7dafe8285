// What an operator does: drain the node and let it work again, pause the queue, make and revoke a key, read what was changed.
import { api, at, expect } from './browser.mjs'

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

  await page.goto(at('/Spaces-1/configuration/audit?kind=VariableSets'))
  await page.getByRole('button', { name: 'Differences' }).first().click()
  await page.getByRole('dialog').locator('.diff').getByText('Variables').first().waitFor()
}
