import { Button, Group, NativeSelect, Switch, Table, Text, TextInput } from '@mantine/core'
import { useDeferredValue } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { NoMatch } from '../../parts/NoMatch'
import { Pages } from '../../parts/Pages'
import { State } from '../../parts/State'
import { Lasted, Time } from '../../parts/Time'
import { useFilter } from '../../parts/filter'
import { ButtonTo, To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

const states = ['Queued', 'Executing', 'Cancelling', 'Success', 'Failed', 'Canceled', 'TimedOut']

const none: Schemas['ProjectapiSummary'][] = []

/** The queue and the history. */
export function Tasks() {
  const space = useSpaceId()
  const [text, setText] = useFilter('q')
  const [state, setState] = useFilter('state')
  const [project, setProject] = useFilter('project')
  const [environment, setEnvironment] = useFilter('environment')
  const [name, setName] = useFilter('kind')
  const [node, setNode] = useFilter('node')
  const [active, setActive] = useFilter('active')
  const [page, setPage] = useFilter('page', '1')
  const only = active === 'true' ? true : undefined
  const tasks = useGet('GET /api/{space}/tasks', { query: { partialName: text, states: state, project, environment, name, node, active: only, skip: (Number(page) - 1) * 50, take: 50 } }, { keep: true })
  const pulse = useGet('GET /api/{space}/projects/pulse')
  const projects = useDeferredValue(pulse.data ?? none, none) // a thousand of them are not what the page is for: drawn after the tasks
  const environments = useGet('GET /api/{space}/environments/all')
  const nodes = useGet('GET /api/octopusservernodes/all')
  const kinds = useGet('GET /api/{space}/tasks/taskTypes')
  const options = (all: string, list: { Id: string; Name: string }[] | undefined) => [{ value: '', label: all }, ...(list ?? []).map((x) => ({ value: x.Id, label: x.Name }))]
  return (
    <Page title="Tasks" note="What runs, what waits, and what has ended." actions={<Queue />}>
      <Group>
        <TextInput aria-label="Filter by description" placeholder="Filter" value={text} onChange={(e) => setText(e.currentTarget.value)} />
        <NativeSelect aria-label="State" value={state} onChange={(e) => setState(e.currentTarget.value)} data={[{ value: '', label: 'All states' }, ...states]} />
        <NativeSelect aria-label="Kind" value={name} onChange={(e) => setName(e.currentTarget.value)} data={options('All kinds', kinds.data as unknown as { Id: string; Name: string }[])} />
        <NativeSelect aria-label="Project" value={project} onChange={(e) => setProject(e.currentTarget.value)} data={options('All projects', projects)} />
        <NativeSelect aria-label="Environment" value={environment} onChange={(e) => setEnvironment(e.currentTarget.value)} data={options('All environments', environments.data)} />
        {(nodes.data?.length ?? 0) > 1 && <NativeSelect aria-label="Node" value={node} onChange={(e) => setNode(e.currentTarget.value)} data={[{ value: '', label: 'All nodes' }, ...(nodes.data ?? []).map((n) => n.Name)]} />}
        <Switch label="Only what has not ended" checked={active === 'true'} onChange={(e) => setActive(e.currentTarget.checked ? 'true' : null)} />
      </Group>
      <Loaded of={tasks}>
        {(list) =>
          list.Items.length === 0 ? (
            [text, state, project, environment, name, node, active].some(Boolean) || Number(page) > 1 ? (
              <NoMatch title="No task matches the filters" />
            ) : (
              <Empty
                title="There is no task yet"
                action={
                  <ButtonTo to="/$space/start" params={{ space }}>
                    First steps
                  </ButtonTo>
                }
              >
                Deployments, health checks and what the server does by itself stand here: while they wait, while they run, and afterwards.
              </Empty>
            )
          ) : (
            <>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Task</Table.Th>
                    <Table.Th>State</Table.Th>
                    <Table.Th>Queued</Table.Th>
                    <Table.Th>Took</Table.Th>
                    <Table.Th>Node</Table.Th>
                    <Table.Th w={110} aria-label="Actions" />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.Items.map((t) => (
                    <Row key={t.Id} task={t} space={space} />
                  ))}
                </Table.Tbody>
              </Table>
              <Pages of={list.NumberOfPages} page={page} go={setPage} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function Row({ task, space }: { task: Schemas['Document']; space: string }) {
  const first = useWrite('POST /api/tasks/{id}/prioritize')
  return (
    <Table.Tr>
      <Table.Td>
        <To to="/$space/tasks/$task" params={{ space, task: task.Id }}>
          {task.Description || task.Name}
        </To>
        {!task.IsCompleted && task.WaitReason && (
          <Text size="xs" c="dimmed">
            {task.WaitReason}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <State state={task.State} warned={task.HasWarningsOrErrors} {...(task.IsHeld ? { word: 'Held' } : {})} />
      </Table.Td>
      <Table.Td>
        <Time at={task.QueueTime} />
      </Table.Td>
      <Table.Td>
        <Lasted from={task.StartTime} to={task.CompletedTime} />
      </Table.Td>
      <Table.Td>{task.ServerNode}</Table.Td>
      <Table.Td>
        {task.State === 'Queued' && (
          <Button variant="default" onClick={() => first.mutate({ id: task.Id, body: {} })} loading={first.isPending}>
            To the top
          </Button>
        )}
        {first.error && <Text size="xs" c="var(--fail)">{first.error.message}</Text>}
      </Table.Td>
    </Table.Tr>
  )
}

/** Pauses the queue, and lets it go on. */
function Queue() {
  const queue = useGet('GET /api/tasks/queue')
  const write = useWrite('PUT /api/tasks/queue')
  if (!queue.data) return null
  if (queue.data.IsPaused)
    return (
      <Group gap="xs">
        <Failure error={write.error} />
        <span className="state warn">The queue is paused: nothing new starts.</span>
        <Button loading={write.isPending} onClick={() => write.mutate({ body: { IsPaused: false } })}>
          Let it go on
        </Button>
      </Group>
    )
  return (
    <Ask label="Pause the queue" title="Pause the queue?" go="Pause it" onGo={() => write.mutateAsync({ body: { IsPaused: true } })} error={write.error}>
      <Text size="sm">What runs goes on to its end. Nothing new starts on any node, until somebody lets it.</Text>
    </Ask>
  )
}
