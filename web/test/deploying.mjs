// What a deployment can be asked for on its page, and what the queue and the pages of its task do with it: by keyboard alone.
import { readFile } from 'node:fs/promises'
import { api, at, both, eventually, expect } from './browser.mjs'

const s = '/api/Spaces-1'

export async function deploying(page) {
  const made = await furnish(page)
  await whyNot(page)
  await asked(page, made)
  await ended(page)
  await scheduled(page, made)
  await queue(page)
  for (const what of made.all) await api(page, 'DELETE', `${s}/${what}`)
}

const step = (name, role, body) => ({
  Name: name, Condition: 'Success', StartTrigger: 'StartAfterPrevious', Properties: role ? { 'Octopus.Action.TargetRoles': role } : {},
  Actions: [{ Name: name, ActionType: 'Octopus.Script', Properties: { 'Octopus.Action.RunOnServer': role ? 'false' : 'true', 'Octopus.Action.Script.ScriptSource': 'Inline', 'Octopus.Action.Script.Syntax': 'Bash', 'Octopus.Action.Script.ScriptBody': body } }],
})

/** A project that goes to one environment after the other, with tenants and without, asks for two values, and keeps a file. */
async function furnish(page) {
  const make = (noun, doc) => api(page, 'POST', `${s}/${noun}`, doc)
  const environments = await api(page, 'GET', `${s}/environments/all`)
  const [development, production] = ['Development', 'Production'].map((name) => environments.find((e) => e.Name === name))
  // The agent of web-1 answers for two more names; the second is there for tenants too.
  const { Endpoint } = (await api(page, 'GET', `${s}/machines/all`)).find((m) => m.Name === 'web-1')
  const machine = (Name, more) => make('machines', { Name, EnvironmentIds: [development.Id], Roles: ['ledger'], Endpoint, ...more })
  const machines = [await machine('ledger-1'), await machine('ledger-2', { TenantedDeploymentParticipation: 'TenantedOrUntenanted', TenantTags: ['Region/West'] })]
  const phase = (e) => ({ Name: e.Name, OptionalDeploymentTargets: [e.Id] })
  const lifecycle = await make('lifecycles', { Name: 'In turn', Phases: [phase(development), phase(production)] })
  const [group] = await api(page, 'GET', `${s}/projectgroups/all`)
  const project = await make('projects', { Name: 'Ledger', ProjectGroupId: group.Id, LifecycleId: lifecycle.Id, TenantedDeploymentMode: 'TenantedOrUntenanted' })
  const process = await api(page, 'GET', `${s}/projects/${project.Id}/deploymentprocesses`)
  const count = 'echo "counted for #{Quarter}, #{Remark}" > count.txt; new_octopusartifact "$PWD/count.txt"'
  await api(page, 'PUT', `${s}/projects/${project.Id}/deploymentprocesses`, { ...process, Steps: [step('Count', '', count), step('Write', 'ledger', 'echo "written on #{Octopus.Machine.Name}"'), step('Clean', 'ledger', 'echo cleaned')] })
  const set = await api(page, 'GET', `${s}/variables/${project.VariableSetId}`)
  const prompt = (Name, Label, DisplaySettings) => ({ Name, Value: '', Type: 'String', Scope: {}, Prompt: { Label, Description: '', Required: true, DisplaySettings } })
  await api(page, 'PUT', `${s}/variables/${project.VariableSetId}`, { ...set, Variables: [prompt('Quarter', 'Which quarter', { 'Octopus.ControlType': 'Select', 'Octopus.SelectOptions': 'q1|First quarter\nq2|Second quarter' }), prompt('Remark', 'A remark', { 'Octopus.ControlType': 'SingleLineText' })] })
  const tenant = await make('tenants', { Name: 'Initech', TenantTags: ['Region/West'], ProjectEnvironments: { [project.Id]: [development.Id] } })
  await make('releases', { ProjectId: project.Id, Version: '1.0.0' })
  return { machines, tenant, all: [`projects/${project.Id}`, `lifecycles/${lifecycle.Id}`, `tenants/${tenant.Id}`, ...machines.map((m) => `machines/${m.Id}`)] }
}

/** Where a release cannot go, the overview says why, in words; live when somebody blocks the release. */
async function whyNot(page) {
  await page.goto(at('/Spaces-1/projects/ledger'))
  const row = page.getByRole('row', { name: /1\.0\.0/ })
  await row.getByRole('cell', { name: 'after Development' }).waitFor()
  await row.getByRole('link', { name: 'Deploy …' }).waitFor()
  const release = (await api(page, 'GET', `${s}/releases?take=1`)).Items[0]
  await api(page, 'POST', `${s}/releases/${release.Id}/defects`, { Description: 'The figures are wrong' })
  await row.getByRole('cell', { name: 'blocked' }).first().waitFor()
  await row.getByRole('link', { name: 'Deploy …' }).waitFor({ state: 'detached' })
  await both(page, 'why-not')
  await row.getByRole('link', { name: '1.0.0' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('The figures are wrong').waitFor()
  await page.getByRole('button', { name: 'Unblock' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Block', exact: true }).waitFor()
}

/** Opens a list of several values, and chooses the one. */
async function choose(page, label, option) {
  const field = page.getByRole('combobox', { name: label }).or(page.getByLabel(label)).first()
  await field.focus()
  await page.keyboard.type(option)
  await page.getByRole('option', { name: option }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('.mantine-MultiSelect-pill', { hasText: option }).waitFor()
  await eventually(() => field.evaluate((e) => e === document.activeElement), `“${label}” keeps the focus when something was chosen in it`)
  await page.keyboard.press('Escape')
}

const press = async (page, locator, key = 'Enter') => {
  await locator.focus()
  await page.keyboard.press(key)
}

/** Values that are asked for, machines and steps left out, packages forced. */
async function asked(page, { machines }) {
  await page.goto(at('/Spaces-1/projects/ledger/releases/1.0.0/deploy'))
  await page.getByLabel('Comment').fill('by hand')
  // Without a value that has to be given nothing is sent: the field has the focus and says so, and what was typed stays.
  await page.getByLabel('Which quarter').selectOption('q2')
  await press(page, page.getByRole('button', { name: 'Deploy', exact: true }))
  await page.waitForFunction(() => document.activeElement?.matches('input:invalid') && document.activeElement.validity.valueMissing)
  expect(await page.getByLabel('A remark').evaluate((e) => e === document.activeElement), 'the field that is missing has the focus')
  await page.keyboard.type('kept')
  expect((await page.getByLabel('Comment').inputValue()) === 'by hand' && (await page.getByLabel('Which quarter').inputValue()) === 'q2', 'what was typed is kept')
  await press(page, page.getByRole('checkbox', { name: 'Run Clean' }), 'Space')
  await choose(page, 'Not to these machines', 'ledger-2')
  await press(page, page.getByLabel(/^Deploy packages again/), 'Space')
  await both(page, 'deploy-asked')
  await press(page, page.getByRole('button', { name: 'Deploy', exact: true }))
  await page.waitForURL(/\/tasks\/ServerTasks-/)
  await page.getByText('Success', { exact: true }).first().waitFor()
  const task = await api(page, 'GET', `/api/tasks/${page.url().match(/ServerTasks-\d+/)[0]}`)
  const d = await api(page, 'GET', `${s}/deployments/${task.Arguments.DeploymentId}`)
  expect(d.SkipActions.length === 1 && d.ExcludedMachineIds.join() === machines[1].Id && d.ForcePackageRedeployment && d.Comments === 'by hand', `the deployment is ${JSON.stringify(d)}`)
}

/** The files of a task and its log as text; it is run again, and a task that runs is cancelled. */
async function ended(page) {
  const link = page.getByRole('link', { name: 'count.txt' })
  await link.waitFor()
  await both(page, 'artifact')
  const [file] = await Promise.all([page.waitForEvent('download'), press(page, link)])
  const text = await readFile(await file.path(), 'utf8')
  expect(text === 'counted for q2, kept\n', `the artifact says ${text}`)
  const [raw] = await Promise.all([page.context().waitForEvent('page'), press(page, page.getByRole('link', { name: /Raw/ }))])
  await raw.getByText('written on ledger-1').waitFor()
  const log = await raw.locator('body').innerText()
  expect(!/written on ledger-2|cleaned/.test(log), `what was left out was run: ${log}`)
  await raw.close()
  const before = page.url()
  await press(page, page.getByRole('button', { name: 'Run again' }))
  await page.waitForURL((u) => /ServerTasks-/.test(u.pathname) && u.href !== before)
  await page.getByText('Success', { exact: true }).first().waitFor()
}

/** Later, for a tenant: the task says what it waits for, until it is cancelled. */
async function scheduled(page, { tenant }) {
  await page.goto(at('/Spaces-1/projects/ledger/releases/1.0.0/deploy'))
  await page.getByLabel('Environment', { exact: true }).selectOption({ label: 'Development' })
  await page.getByLabel('Which quarter').selectOption('q1')
  await page.getByLabel('A remark').fill('later')
  await choose(page, 'Tenants', 'Initech')
  await page.getByRole('row', { name: /Write/ }).getByText('ledger-1').waitFor({ state: 'detached' })
  const inHours = (n) => new Date(Date.now() + n * 3_600_000).toISOString().slice(0, 16)
  await page.getByLabel('When').fill(inHours(2))
  await page.getByLabel('Not after').fill(inHours(1))
  await press(page, page.getByRole('button', { name: 'Schedule' }))
  await page.getByRole('alert').getByText('give a later expiry').waitFor()
  expect((await page.getByLabel('A remark').inputValue()) === 'later', 'what was typed is kept')
  await page.getByLabel('Not after').fill(inHours(3))
  await press(page, page.getByRole('button', { name: 'Schedule' }))
  await page.waitForURL(/\/tasks\/ServerTasks-/)
  await page.getByRole('status').getByText('scheduled to start at').waitFor()
  await both(page, 'scheduled')
  const task = await api(page, 'GET', `/api/tasks/${page.url().match(/ServerTasks-\d+/)[0]}`)
  const d = await api(page, 'GET', `${s}/deployments/${task.Arguments.DeploymentId}`)
  expect(task.State === 'Queued' && d.TenantId === tenant.Id, `the task is ${task.State}, the tenant ${d.TenantId}`)
  await press(page, page.getByRole('button', { name: 'Cancel' }))
  const sure = page.getByRole('dialog').getByRole('button', { name: 'Cancel the task' })
  await sure.waitFor()
  await both(page, 'cancel')
  await press(page, sure)
  await page.getByText('Cancelled', { exact: true }).or(page.getByText('Canceled', { exact: true })).first().waitFor()
}

/** While the queue is paused tasks wait and say why; what was moved to the top is run first. */
async function queue(page) {
  await page.goto(at('/Spaces-1/tasks'))
  await press(page, page.getByRole('button', { name: 'Pause the queue' }))
  await press(page, page.getByRole('button', { name: 'Pause it' }))
  await page.getByText('The queue is paused').waitFor()
  const node = (await api(page, 'GET', '/api/octopusservernodes/all'))[0]
  await api(page, 'PUT', `/api/octopusservernodes/${node.Id}`, { ...node, MaxConcurrentTasks: 1 })
  const check = async (Description) => (await api(page, 'POST', `${s}/tasks`, { Name: 'Health', Description, Arguments: {} })).Id
  const [early, late] = [await check('Asked for early'), await check('Asked for late')]
  await page.getByLabel('State', { exact: true }).selectOption('Queued')
  const row = page.getByRole('row', { name: /Asked for late/ })
  await both(page, 'tasks-queued')
  await press(page, row.getByRole('button', { name: 'To the top' }))
  await page.getByLabel('Project', { exact: true }).selectOption({ label: 'Ledger' })
  await page.getByText('No task matches the filters').waitFor()
  await press(page, page.getByRole('button', { name: 'Clear the filters' }))
  await page.getByLabel('Project', { exact: true }).selectOption({ label: 'Ledger' })
  await page.getByLabel('Environment', { exact: true }).selectOption({ label: 'Development' })
  await page.waitForFunction(() => [...document.querySelectorAll('tbody tr')].length === 3)
  await page.getByLabel('Environment', { exact: true }).selectOption({ label: 'Production' })
  await page.getByText('No task matches the filters').waitFor()
  await page.goto(at(`/Spaces-1/tasks/${early}`))
  await page.getByRole('status').getByText('The task queue is paused').waitFor()
  await page.goto(at('/Spaces-1/tasks'))
  await press(page, page.getByRole('button', { name: 'Let it go on' }))
  await page.getByRole('row', { name: /Asked for early/ }).first().getByText('Success').waitFor()
  const [first, second] = await Promise.all([late, early].map((id) => api(page, 'GET', `/api/tasks/${id}`)))
  expect(first.CompletedTime && first.CompletedTime <= second.StartTime, `what was moved to the top ended at ${first.CompletedTime}, the other began at ${second.StartTime}`)
  await api(page, 'PUT', `/api/octopusservernodes/${node.Id}`, { ...node, MaxConcurrentTasks: node.MaxConcurrentTasks })
}
