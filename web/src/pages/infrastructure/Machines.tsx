import { Badge, Button, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { NoMatch } from '../../parts/NoMatch'
import { Pages } from '../../parts/Pages'
import { State } from '../../parts/State'
import { useFilter } from '../../parts/filter'
import { ButtonTo, To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

const healths = ['Healthy', 'HasWarnings', 'Unhealthy', 'Unavailable', 'Unknown']

/** How an agent is reached, in words. */
export const styleWords = (style: string) => ({ TentaclePassive: 'listening agent', TentacleActive: 'polling agent', Ssh: 'SSH', None: 'cloud region' })[style] ?? style

export function Machines() {
  const space = useSpaceId()
  const [text, setText] = useFilter('q')
  const [environment, setEnvironment] = useFilter('environment')
  const [role, setRole] = useFilter('role')
  const [health, setHealth] = useFilter('health')
  const [page, setPage] = useFilter('page', '1')
  const environments = useGet('GET /api/{space}/environments/all')
  const roles = useGet('GET /api/{space}/machineroles/all')
  const machines = useGet('GET /api/{space}/machines', { query: { partialName: text, environmentIds: environment, roles: role, healthStatuses: health, skip: (Number(page) - 1) * 50, take: 50 } }, { keep: true })
  const check = useWrite('POST /api/{space}/tasks')
  const name = (id: string) => environments.data?.find((e) => e.Id === id)?.Name ?? id
  const filtered = text || environment || role || health
  return (
    <Page
      title="Machines"
      note="Targets of deployments: each has an agent, environments and roles."
      actions={
        <>
          <Button variant="default" loading={check.isPending} onClick={() => check.mutate({ body: { Name: 'Health', Description: 'Check the health of all machines', Arguments: {} } })}>
            Check health
          </Button>
          <ButtonTo to="/$space/infrastructure/machines/new" params={{ space }}>
            Add a machine
          </ButtonTo>
        </>
      }
    >
      <Failure error={check.error} />
      <Group>
        <TextInput aria-label="Filter by name" placeholder="Filter by name" value={text} onChange={(e) => setText(e.currentTarget.value)} />
        <NativeSelect aria-label="Environment" value={environment} onChange={(e) => setEnvironment(e.currentTarget.value)} data={[{ value: '', label: 'All environments' }, ...(environments.data ?? []).map((e) => ({ value: e.Id, label: e.Name }))]} />
        <NativeSelect aria-label="Role" value={role} onChange={(e) => setRole(e.currentTarget.value)} data={[{ value: '', label: 'All roles' }, ...(roles.data ?? [])]} />
        <NativeSelect aria-label="Health" value={health} onChange={(e) => setHealth(e.currentTarget.value)} data={[{ value: '', label: 'All states' }, ...healths]} />
      </Group>
      <Loaded of={machines}>
        {(list) =>
          list.Items.length === 0 ? (
            filtered ? (
              <NoMatch title="No machine matches the filters" />
            ) : (
              <Empty
                title="There is no machine yet"
                action={
                  <ButtonTo to="/$space/infrastructure/machines/new" params={{ space }}>
                    Add a machine
                  </ButtonTo>
                }
              >
                One command on the machine makes it known here.
              </Empty>
            )
          ) : (
            <>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Health</Table.Th>
                    <Table.Th>Environments</Table.Th>
                    <Table.Th>Roles</Table.Th>
                    <Table.Th>Reached by</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.Items.map((m) => (
                    <Table.Tr key={m.Id}>
                      <Table.Td>
                        <To to="/$space/infrastructure/machines/$machine" params={{ space, machine: m.Id }}>
                          {m.Name}
                        </To>
                      </Table.Td>
                      <Table.Td>{m.IsDisabled ? <Text size="sm" c="dimmed">disabled</Text> : <State state={m.HealthStatus} />}</Table.Td>
                      <Table.Td>{m.EnvironmentIds.map(name).join(', ')}</Table.Td>
                      <Table.Td>
                        <Group gap={4}>
                          {m.Roles.map((r) => (
                            <Badge key={r} color="gray" c="inherit">
                              {r}
                            </Badge>
                          ))}
                        </Group>
                      </Table.Td>
                      <Table.Td>{styleWords(m.Endpoint.CommunicationStyle)}</Table.Td>
                    </Table.Tr>
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

export function Workers() {
  const space = useSpaceId()
  const [text, setText] = useFilter('q')
  const pools = useGet('GET /api/{space}/workerpools/all')
  const workers = useGet('GET /api/{space}/workers', { query: { partialName: text, take: 500 } }, { keep: true })
  const poolName = (w: Schemas['Worker']) => w.WorkerPoolIds.map((id) => pools.data?.find((p) => p.Id === id)?.Name ?? id).join(', ')
  return (
    <Page
      title="Workers"
      note="Machines that run scripts for the server."
      actions={
        <ButtonTo to="/$space/infrastructure/machines/new" params={{ space }} search={{ worker: true }}>
          Add a worker
        </ButtonTo>
      }
    >
      <TextInput aria-label="Filter by name" placeholder="Filter by name" value={text} onChange={(e) => setText(e.currentTarget.value)} maw={260} />
      <Loaded of={workers}>
        {(list) =>
          list.Items.length === 0 ? (
            text ? (
              <NoMatch title="No worker matches the filter" />
            ) : (
              <Empty
                title="There is no worker yet"
                action={
                  <ButtonTo to="/$space/infrastructure/machines/new" params={{ space }} search={{ worker: true }}>
                    Add the first worker
                  </ButtonTo>
                }
              >
                Without workers, the server runs the scripts that belong to no machine itself.
              </Empty>
            )
          ) : (
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Health</Table.Th>
                  <Table.Th>Pools</Table.Th>
                  <Table.Th>Reached by</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {list.Items.map((w) => (
                  <Table.Tr key={w.Id}>
                    <Table.Td>
                      <To to="/$space/infrastructure/workers/$machine" params={{ space, machine: w.Id }}>
                        {w.Name}
                      </To>
                    </Table.Td>
                    <Table.Td>{w.IsDisabled ? 'disabled' : <State state={w.HealthStatus} />}</Table.Td>
                    <Table.Td>{poolName(w)}</Table.Td>
                    <Table.Td>{styleWords(w.Endpoint.CommunicationStyle)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
    </Page>
  )
}
