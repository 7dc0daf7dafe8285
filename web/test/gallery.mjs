// A space with something in it, for the pictures of the documentation: the dashboard, and a deployment that runs.
import { api, at, both } from './browser.mjs'

const script = (body) => [
  {
    Name: 'Prepare', Condition: 'Success', StartTrigger: 'StartAfterPrevious', Properties: {},
    Actions: [{ Name: 'Prepare', ActionType: 'Octopus.Script', Properties: { 'Octopus.Action.RunOnServer': 'true', 'Octopus.Action.Script.ScriptSource': 'Inline', 'Octopus.Action.Script.Syntax': 'Bash', 'Octopus.Action.Script.ScriptBody': 'echo "Checking the connection of #{Octopus.Environment.Name}"' } }],
  },
  {
    Name: 'Roll out', Condition: 'Success', StartTrigger: 'StartAfterPrevious', Properties: { 'Octopus.Action.TargetRoles': 'web' },
    Actions: [{ Name: 'Roll out', ActionType: 'Octopus.Script', Properties: { 'Octopus.Action.RunOnServer': 'false', 'Octopus.Action.Script.ScriptSource': 'Inline', 'Octopus.Action.Script.Syntax': 'Bash', 'Octopus.Action.Script.ScriptBody': body } }],
  },
]

export async function gallery(page) {
  const s = '/api/Spaces-1'
  const make = (noun, doc) => api(page, 'POST', `${s}/${noun}`, doc)
  const environments = await api(page, 'GET', `${s}/environments/all`)
  environments.push(await make('environments', { Name: 'Test' }))
  if (environments.length < 3) environments.push(await make('environments', { Name: 'Production' }))
  const [development, test] = [environments.find((e) => e.Name === 'Development'), environments.find((e) => e.Name === 'Test')]
  const order = ['Development', 'Test', 'Production']
  environments.sort((a, b) => order.indexOf(a.Name) - order.indexOf(b.Name))
  await api(page, 'PUT', `${s}/environments/sortorder`, environments.map((e) => e.Id))
  const machine = (await api(page, 'GET', `${s}/machines/all`))[0]
  await api(page, 'PUT', `${s}/machines/${machine.Id}`, { ...machine, EnvironmentIds: environments.map((e) => e.Id) })
  const groups = [await make('projectgroups', { Name: 'Store' }), await make('projectgroups', { Name: 'Back office' })]
  const lifecycle = (await api(page, 'GET', `${s}/lifecycles/all`))[0]
  const tasks = []
  let last
  for (const [i, name] of ['Catalogue', 'Checkout', 'Search', 'Accounts', 'Mailer', 'Reports'].entries()) {
    const p = await make('projects', { Name: name, ProjectGroupId: groups[i < 3 ? 0 : 1].Id, LifecycleId: lifecycle.Id })
    const body = name === 'Mailer' ? 'echo "The relay does not answer" >&2\nexit 1' : name === 'Reports' ? 'for i in $(seq 40); do echo "Migrating table $i of 40"; sleep 0.5; done; sleep 600' : 'for i in $(seq 8); do echo "Migrating table $i of 8"; done'
    await api(page, 'PUT', `${s}/projects/${p.Id}/deploymentprocesses`, { ProjectId: p.Id, Version: 0, Steps: script(body) })
    const release = await make('releases', { ProjectId: p.Id, Version: `2.${i}.${(i * 7) % 5}` })
    last = release
    if (name === 'Reports') break // it keeps the machine to itself
    const first = await make('deployments', { ReleaseId: release.Id, EnvironmentId: development.Id })
    tasks.push(first.TaskId)
    if (i < 3) {
      await ended(page, [first.TaskId])
      tasks.push((await make('deployments', { ReleaseId: release.Id, EnvironmentId: test.Id })).TaskId)
    }
  }
  await ended(page, tasks)
  const slow = (await make('deployments', { ReleaseId: last.Id, EnvironmentId: development.Id })).TaskId
  await page.goto(at('/Spaces-1'))
  await page.getByRole('gridcell').getByRole('link', { name: /Mailer/ }).waitFor()
  await both(page, 'gallery-dashboard')
  await page.goto(at(`/Spaces-1/tasks/${slow}`))
  await page.getByRole('log').getByText('Migrating table 12 of 40').waitFor()
  await page.waitForFunction(() => ![...document.querySelectorAll('.log .entry')].some((e) => e.textContent === '…'))
  await both(page, 'gallery-running')
  await api(page, 'POST', `/api/tasks/${slow}/cancel`, {})
  await ended(page, [slow])
}

async function ended(page, tasks) {
  const deadline = Date.now() + 240_000
  for (const id of tasks) {
    while (!(await api(page, 'GET', `/api/tasks/${id}`)).IsCompleted) {
      if (Date.now() > deadline) throw new Error(`${id} did not end in time`)
      await page.waitForTimeout(200)
    }
  }
}
