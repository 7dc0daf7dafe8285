import { Button, Group, MultiSelect, NativeSelect, Stack, Switch, Table, TagsInput, Text, TextInput } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Failure, Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { Time } from '../../parts/Time'
import { useDraft, useSaveKey } from '../../parts/draft'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { styleWords } from './Machines'

type Options = { value: string; label: string }[]
const options = (list: { Id: string; Name: string }[] | undefined): Options => (list ?? []).map((x) => ({ value: x.Id, label: x.Name }))

export function Machine() {
  const { machine: id } = useParams({ strict: false }) as { machine: string }
  const machine = useGet('GET /api/{space}/machines/{id}', { id })
  return <Loaded of={machine}>{(m) => <MachineForm key={m.Id} machine={m} />}</Loaded>
}

function MachineForm({ machine }: { machine: Schemas['Machine'] }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const { draft: m, edit, dirty, reset } = useDraft(machine)
  const environments = useGet('GET /api/{space}/environments/all')
  const roles = useGet('GET /api/{space}/machineroles/all')
  const policies = useGet('GET /api/{space}/machinepolicies/all')
  const connection = useGet('GET /api/{space}/machines/{id}/connection', { id: machine.Id })
  const save = useWrite('PUT /api/{space}/machines/{id}', reset)
  const remove = useWrite('DELETE /api/{space}/machines/{id}', () => void navigate({ to: '/$space/infrastructure/machines', params: { space } }))
  const go = () => save.mutate({ id: machine.Id, body: m })
  useSaveKey(go, dirty)
  return (
    <Page
      title={machine.Name}
      note={<State state={machine.HealthStatus} word={machine.StatusSummary || undefined as never} />}
      actions={
        <>
          <CheckNow id={machine.Id} />
          <Ask label="Delete" title={`Delete ${machine.Name}?`} go="Delete it" danger onGo={() => remove.mutateAsync({ id: machine.Id })} error={remove.error}>
            <Text size="sm">The agent on it goes on running, but this server no longer knows it.</Text>
          </Ask>
          <Button onClick={go} disabled={!dirty} loading={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <Failure error={save.error} />
      <Group align="flex-start" gap="xl">
        <Stack gap="sm" w={420}>
          <TextInput label="Name" value={m.Name} onChange={(e) => edit({ ...m, Name: e.currentTarget.value })} required />
          <MultiSelect label="Environments" data={options(environments.data)} value={m.EnvironmentIds} onChange={(v) => edit({ ...m, EnvironmentIds: v })} />
          <TagsInput label="Roles" data={roles.data ?? []} value={m.Roles} onChange={(v) => edit({ ...m, Roles: v })} />
          <NativeSelect label="Policy" data={options(policies.data)} value={m.MachinePolicyId} onChange={(e) => edit({ ...m, MachinePolicyId: e.currentTarget.value })} />
          <Switch label="Disabled: nothing is deployed to it" checked={m.IsDisabled} onChange={(e) => edit({ ...m, IsDisabled: e.currentTarget.checked })} />
          <Facts endpoint={m.Endpoint} uri={m.Uri} thumbprint={m.Thumbprint} system={[m.OperatingSystem, m.Architecture].filter(Boolean).join(', ')} />
        </Stack>
        <Stack gap="sm" style={{ flex: 1, minWidth: 320 }}>
          <Connection connection={connection} />
          <MachineTasks id={machine.Id} />
        </Stack>
      </Group>
    </Page>
  )
}

export function Worker() {
  const { machine: id } = useParams({ strict: false }) as { machine: string }
  const worker = useGet('GET /api/{space}/workers/{id}', { id })
  return <Loaded of={worker}>{(w) => <WorkerForm key={w.Id} worker={w} />}</Loaded>
}

function WorkerForm({ worker }: { worker: Schemas['Worker'] }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const { draft: w, edit, dirty, reset } = useDraft(worker)
  const pools = useGet('GET /api/{space}/workerpools/all')
  const policies = useGet('GET /api/{space}/machinepolicies/all')
  const connection = useGet('GET /api/{space}/workers/{id}/connection', { id: worker.Id })
  const save = useWrite('PUT /api/{space}/workers/{id}', reset)
  const remove = useWrite('DELETE /api/{space}/workers/{id}', () => void navigate({ to: '/$space/infrastructure/workers', params: { space } }))
  const go = () => save.mutate({ id: worker.Id, body: w })
  useSaveKey(go, dirty)
  return (
    <Page
      title={worker.Name}
      note={<State state={worker.HealthStatus} />}
      actions={
        <>
          <CheckNow id={worker.Id} />
          <Ask label="Delete" title={`Delete ${worker.Name}?`} go="Delete it" danger onGo={() => remove.mutateAsync({ id: worker.Id })} error={remove.error} />
          <Button onClick={go} disabled={!dirty} loading={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <Failure error={save.error} />
      <Group align="flex-start" gap="xl">
        <Stack gap="sm" w={420}>
          <TextInput label="Name" value={w.Name} onChange={(e) => edit({ ...w, Name: e.currentTarget.value })} required />
          <MultiSelect label="Worker pools" data={options(pools.data)} value={w.WorkerPoolIds} onChange={(v) => edit({ ...w, WorkerPoolIds: v })} />
          <NativeSelect label="Policy" data={options(policies.data)} value={w.MachinePolicyId} onChange={(e) => edit({ ...w, MachinePolicyId: e.currentTarget.value })} />
          <Switch label="Disabled: it runs nothing" checked={w.IsDisabled} onChange={(e) => edit({ ...w, IsDisabled: e.currentTarget.checked })} />
          <Facts endpoint={w.Endpoint} uri={w.Uri} thumbprint={w.Thumbprint} system={[w.OperatingSystem, w.Architecture].filter(Boolean).join(', ')} />
        </Stack>
        <Connection connection={connection} />
      </Group>
    </Page>
  )
}

function CheckNow({ id }: { id: string }) {
  const check = useWrite('POST /api/{space}/tasks')
  return (
    <Button variant="default" loading={check.isPending} onClick={() => check.mutate({ body: { Name: 'Health', Description: 'Check the health of one machine', Arguments: { MachineIds: [id] } } })}>
      {check.error ? 'Not checked: try again' : 'Check now'}
    </Button>
  )
}

function Facts({ endpoint, uri, thumbprint, system }: { endpoint: Schemas['Endpoint']; uri: string; thumbprint: string; system: string }) {
  const facts = [
    ['Reached by', styleWords(endpoint.CommunicationStyle)],
    ['Address', endpoint.Uri || uri],
    ['Thumbprint', endpoint.Thumbprint || thumbprint],
    ['Agent', endpoint.TentacleVersionDetails?.Version],
    ['System', system],
  ].filter(([, v]) => v)
  return (
    <Table highlightOnHover={false}>
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td className="mono" style={{ wordBreak: 'break-all' }}>
              {value}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Connection({ connection }: { connection: { data: Schemas['Connection'] | undefined; error: unknown } }) {
  return (
    <section aria-label="Connection">
      <h2>Last check</h2>
      <Loaded of={connection} rows={2}>
        {(c) => (
          <Stack gap={4}>
            <Text size="sm" component="div">
              <State state={c.Status === 'Online' ? 'Healthy' : c.Status === 'Offline' ? 'Unavailable' : 'Unknown'} word={c.Status} /> <Time at={c.LastChecked} none="not checked yet" />
            </Text>
            {c.Logs.length > 0 && (
              <pre className="mono panel" style={{ padding: 8, maxHeight: 220, overflow: 'auto', margin: 0, whiteSpace: 'pre-wrap' }} tabIndex={0}>
                {c.Logs.map((l) => l.MessageText).join('\n')}
              </pre>
            )}
          </Stack>
        )}
      </Loaded>
    </section>
  )
}

function MachineTasks({ id }: { id: string }) {
  const space = useSpaceId()
  const tasks = useGet('GET /api/{space}/machines/{id}/tasks', { id, query: { take: 10 } })
  const list = (tasks.data as { Items: Schemas['Document'][] } | undefined)?.Items ?? []
  return (
    <section aria-label="Tasks">
      <h2>Tasks</h2>
      <Table>
        <Table.Tbody>
          {list.map((t) => (
            <Table.Tr key={t.Id}>
              <Table.Td>
                <To to="/$space/tasks/$task" params={{ space, task: t.Id }}>
                  {t.Description}
                </To>
              </Table.Td>
              <Table.Td>
                <State state={t.State} warned={t.HasWarningsOrErrors} />
              </Table.Td>
              <Table.Td>
                <Time at={t.QueueTime} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
