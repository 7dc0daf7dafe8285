import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconCircleCheckFilled } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { call } from '../../api/client'
import { queries, useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Failure, Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { useFilter } from '../../parts/filter'
import { ButtonTo, To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { AddMachine } from '../infrastructure/AddMachine'
import { Drop } from '../library/Packages'
import { freeName, newStep, packageType, scriptType } from '../project/beginning'
import { stepOf } from './guide'

const role = 'web'

/** From nothing to a finished deployment, without leaving the page. What is there already is ticked off. */
export function Start() {
  const environments = useGet('GET /api/{space}/environments/all')
  const machines = useGet('GET /api/{space}/machines/all')
  const projects = useGet('GET /api/{space}/projects/pulse')
  return (
    <Page title="First steps" note="Five minutes from nothing to a deployment. Each step is a page of its own too, and can be done again there.">
      <Loaded of={environments}>{(e) => <Loaded of={machines}>{(m) => <Loaded of={projects}>{(p) => <Guide environments={e} machines={m} projects={p} />}</Loaded>}</Loaded>}</Loaded>
    </Page>
  )
}

interface Known {
  environments: Schemas['Environment'][]
  machines: Schemas['Machine'][]
  projects: Schemas['ProjectapiSummary'][]
}

function Guide({ environments, machines, projects }: Known) {
  const space = useSpaceId()
  const [chosen, choose] = useFilter('project')
  const [packaged, setPackaged] = useFilter('package')
  const project = projects.find((p) => p.ProjectId === chosen) ?? projects[0]
  const releases = useGet('GET /api/{space}/projects/{id}/releases', { id: project?.ProjectId ?? '', query: { take: 1 } }, { enabled: project !== undefined })
  const release = releases.data?.Items[0]
  const healthy = machines.find((m) => m.HealthStatus === 'Healthy' || m.HealthStatus === 'HasWarnings')
  const [passed, pass] = useFilter('passed')
  const now = stepOf({ environment: environments.length > 0, machine: healthy !== undefined || passed === 'machine', project: project !== undefined, packaged: packaged !== '' || release !== undefined, release: release !== undefined })
  const first = environments[0]
  return (
    <Stack gap="sm" maw={900}>
      <Part n={1} now={now} title="An environment" done={environments.map((e) => e.Name).join(', ')}>
        <MakeEnvironment />
      </Part>
      <Part n={2} now={now} title="A machine" done={healthy ? <State state={healthy.HealthStatus} word={healthy.Name} /> : 'left out'}>
        <Stack gap="xs">
          {first && <AddMachine worker={false} environment={first.Id} role={role} />}
          <Group>
            <Button variant="subtle" onClick={() => pass('machine')}>
              Go on without a machine
            </Button>
          </Group>
        </Stack>
      </Part>
      <Part n={3} now={now} title="A project" done={project && <To to="/$space/projects/$project" params={{ space, project: project.Slug }}>{project.Name}</To>}>
        <MakeProject onMachines={healthy !== undefined} made={choose} />
      </Part>
      <Part n={4} now={now} title="A package" done={packaged && packaged !== 'none' ? packaged : 'left out'}>
        {project && <AddPackage project={project.ProjectId} onMachines={healthy !== undefined} done={setPackaged} />}
      </Part>
      <Part n={5} now={now} title="A release" done={release && project && <To to="/$space/projects/$project/releases/$version" params={{ space, project: project.Slug, version: release.Version }}>{release.Version}</To>}>
        {project && <MakeRelease project={project} />}
      </Part>
      <Part n={6} now={now} title="Deploy it" done="">
        {release && first && project && <DeployIt release={release} environment={first} project={project} />}
      </Part>
    </Stack>
  )
}

function Part({ n, now, title, done, children }: { n: number; now: number; title: string; done: ReactNode; children: ReactNode }) {
  return (
    <section className="panel" style={{ padding: '10px 14px' }} aria-label={title} aria-current={n === now ? 'step' : undefined}>
      <Group gap="xs">
        {n < now ? (
          <span className="state ok">
            <IconCircleCheckFilled size={18} aria-label="done" />
          </span>
        ) : (
          <Text fw={650} c={n === now ? undefined : 'dimmed'}>
            {n}
          </Text>
        )}
        <h2 style={{ opacity: n > now ? 0.75 : 1 }}>{title}</h2>
        {n < now && (
          <Text size="sm" component="div">
            {done}
          </Text>
        )}
      </Group>
      {n === now && <div style={{ paddingTop: 10 }}>{children}</div>}
    </section>
  )
}

function MakeEnvironment() {
  const [name, setName] = useState('Development')
  const create = useWrite('POST /api/{space}/environments')
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        create.mutate({ body: { Name: name } })
      }}
    >
      <Text size="sm" mb="xs">
        An environment is where a release goes: a set of machines. You can add Test and Production later.
      </Text>
      <Group align="flex-end">
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} required />
        <Button type="submit" loading={create.isPending}>
          Make the environment
        </Button>
      </Group>
      <Failure error={create.error} />
    </form>
  )
}

function MakeProject({ onMachines, made }: { onMachines: boolean; made: (id: string) => void }) {
  const groups = useGet('GET /api/{space}/projectgroups/all')
  const lifecycles = useGet('GET /api/{space}/lifecycles/all')
  const [name, setName] = useState('Hello')
  const create = useWrite('POST /api/{space}/projects')
  const begin = useWrite('PUT /api/{space}/projects/{id}/deploymentprocesses')
  const go = async () => {
    const p = await create.mutateAsync({ body: { Name: name, ProjectGroupId: groups.data?.[0]?.Id, LifecycleId: lifecycles.data?.[0]?.Id } })
    await begin.mutateAsync({ id: p.Id, body: { ProjectId: p.Id, Version: 0, Steps: [newStep(scriptType, 'Say hello', onMachines ? role : '')] } })
    made(p.Id)
  }
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        go().catch(() => {})
      }}
    >
      <Text size="sm" mb="xs">
        A project is something that you deploy. This one begins with a step that {onMachines ? `runs a script on each machine with the role ${role}` : 'runs a script on the server'}.
      </Text>
      <Group align="flex-end">
        <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} required />
        <Button type="submit" loading={create.isPending || begin.isPending}>
          Make the project
        </Button>
      </Group>
      <Failure error={create.error ?? begin.error} />
    </form>
  )
}

/** A package, and a step of the project that deploys it. */
function AddPackage({ project, onMachines, done }: { project: string; onMachines: boolean; done: (id: string) => void }) {
  const space = useSpaceId()
  const [error, setError] = useState<unknown>()
  const uploaded = async (id: string) => {
    const process = await call('GET /api/{space}/projects/{id}/deploymentprocesses', { space, id: project })
    const there = process.Steps.some((s) => s.Actions.some((a) => a.Packages.some((p) => p.PackageId === id)))
    if (!there && onMachines) {
      const step = newStep(packageType, freeName(`Deploy ${id}`, process.Steps.map((s) => s.Name)), role)
      const action = step.Actions![0]!
      action.Packages = action.Packages.map((p) => ({ ...p, PackageId: id }))
      action.Properties = { ...action.Properties, 'Octopus.Action.Package.PackageId': id }
      await call('PUT /api/{space}/projects/{id}/deploymentprocesses', { space, id: project, body: { ...process, Steps: [...process.Steps, step] } })
    }
    await queries.invalidateQueries()
    done(id)
  }
  return (
    <Stack gap="xs">
      <Text size="sm">What you built, as an archive. {onMachines ? `A step that brings it to each machine with the role ${role} is added to the project.` : ''}</Text>
      <Drop uploaded={(id) => void uploaded(id).catch(setError)} />
      <Failure error={error} />
      <Group>
        <Button variant="subtle" onClick={() => done('none')}>
          Go on without a package
        </Button>
      </Group>
    </Stack>
  )
}

function MakeRelease({ project }: { project: Schemas['ProjectapiSummary'] }) {
  const space = useSpaceId()
  const create = useWrite('POST /api/{space}/releases')
  const [error, setError] = useState<unknown>()
  const go = async () => {
    setError(undefined)
    const process = await call('GET /api/{space}/projects/{id}/deploymentprocesses/template', { space, id: project.ProjectId, query: {} })
    const packages = await Promise.all(
      process.Packages.map(async (w) => {
        const found = await call('GET /api/{space}/feeds/{id}/packages/versions', { space, id: w.FeedId, query: { packageId: w.PackageId, take: 1 } })
        return { ActionName: w.ActionName, PackageReferenceName: w.PackageReferenceName, Version: found.Items[0]?.Version ?? '' }
      }),
    )
    await create.mutateAsync({ body: { ProjectId: project.ProjectId, Version: process.NextVersionIncrement || '0.0.1', SelectedPackages: packages } })
  }
  return (
    <Stack gap="xs">
      <Text size="sm">A release keeps the project as it is now, under a number, with the newest versions of its packages. It can then go to one environment after the other.</Text>
      <Group>
        <Button onClick={() => void go().catch(setError)} loading={create.isPending}>
          Create the release
        </Button>
      </Group>
      <Failure error={error} />
    </Stack>
  )
}

function DeployIt({ release, environment, project }: { release: Schemas['Release']; environment: Schemas['Environment']; project: Schemas['ProjectapiSummary'] }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const deployments = useGet('GET /api/{space}/releases/{id}/deployments', { id: release.Id, query: { take: 1 } })
  const create = useWrite('POST /api/{space}/deployments', (d) => void navigate({ to: '/$space/tasks/$task', params: { space, task: d.TaskId } }))
  const last = deployments.data?.Items[0]
  return (
    <Stack gap="xs">
      <Text size="sm">
        {project.Name} {release.Version} goes to {environment.Name}. You will see its log as it is written.
      </Text>
      <Group>
        <Button onClick={() => create.mutate({ body: { ReleaseId: release.Id, EnvironmentId: environment.Id } })} loading={create.isPending}>
          Deploy
        </Button>
        {last && (
          <ButtonTo to="/$space/tasks/$task" params={{ space, task: last.TaskId }} variant="default">
            Show the last deployment
          </ButtonTo>
        )}
        <ButtonTo to="/$space" params={{ space }} variant="default">
          To the dashboard
        </ButtonTo>
      </Group>
      <Failure error={create.error} />
    </Stack>
  )
}
