import { Button, Code, Group, NumberInput, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Failure, Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { Time } from '../../parts/Time'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

type Node = Schemas['NodeSummary']

export function Nodes() {
  const space = useSpaceId()
  const summary = useGet('GET /api/octopusservernodes/summary')
  return (
    <Page title="Nodes" note="The servers that share the work. Any of them serves these pages." actions={<Maintenance />}>
      <Loaded of={summary}>
        {(doc) => (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Node</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Seen</Table.Th>
                <Table.Th>Tasks</Table.Th>
                <Table.Th>At most</Table.Th>
                <Table.Th w={240} aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {doc.Nodes.map((n) => (
                <Row key={n.Id} node={n} alone={doc.Nodes.length === 1} />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
      <Stack gap={4} maw={760}>
        <h2>Add a node</h2>
        <Text size="sm">
          A cluster shares one PostgreSQL database, one store of files and one master key. On another computer, which reaches the database and the files:
        </Text>
        <Code block>{'MANTLE_MASTER_KEY="$(cat master.key)" \\\n  mantle server --database postgres://mantle:…@db.example/mantle --node-name node-2'}</Code>
        <Text size="sm">It needs:</Text>
        <ul style={{ margin: 0, fontSize: 14 }}>
          <li>
            the database's address, the same on all nodes; a server with SQLite stays alone, a cluster begins with PostgreSQL;
          </li>
          <li>
            the <To to="/$space/configuration/master-key" params={{ space }} underline="always">master key</To>, which the file master.key of the first node's data directory has;
          </li>
          <li>
            the <To to="/$space/configuration/storage" params={{ space }} underline="always">files</To> at the same place: a directory that all nodes share, or an object store;
          </li>
          <li>its own ports for browsers (8080) and agents (10943), behind the load balancer or known to the agents.</li>
        </ul>
        <Text size="sm" c="dimmed">It appears above when it has started.</Text>
      </Stack>
    </Page>
  )
}

/** Maintenance mode, with what it means. */
function Maintenance() {
  const mode = useGet('GET /api/maintenanceconfiguration')
  const save = useWrite('PUT /api/maintenanceconfiguration')
  if (!mode.data) return null
  if (mode.data.IsInMaintenanceMode)
    return (
      <Group gap="xs">
        <Failure error={save.error} />
        <span className="state warn">Maintenance mode: only administrators change anything.</span>
        <Button loading={save.isPending} onClick={() => save.mutate({ body: { Id: 'maintenance', IsInMaintenanceMode: false } })}>
          End it
        </Button>
      </Group>
    )
  return (
    <Ask label="Maintenance mode" title="Begin maintenance mode?" go="Begin it" onGo={() => save.mutateAsync({ body: { Id: 'maintenance', IsInMaintenanceMode: true } })} error={save.error}>
      <Text size="sm">Everybody may look, on every node, and only administrators may change anything or start a deployment, until somebody ends it here. What runs goes on.</Text>
    </Ask>
  )
}

function Row({ node, alone }: { node: Node; alone: boolean }) {
  const space = useSpaceId()
  const save = useWrite('PUT /api/octopusservernodes/{id}')
  const remove = useWrite('DELETE /api/octopusservernodes/{id}')
  const [cap, setCap] = useState<number>()
  const put = (part: Partial<Schemas['Node']>) =>
    save.mutateAsync({ id: node.Id, body: { Id: node.Id, Name: node.Name, MaxConcurrentTasks: node.MaxConcurrentTasks, IsInMaintenanceMode: node.IsInMaintenanceMode, ...part } })
  const draining = node.IsInMaintenanceMode
  return (
    <Table.Tr>
      <Table.Td fw={600}>
        {node.Name} {node.IsLeader && <Text span size="xs" c="dimmed">leader</Text>}
        <Text size="xs" c="dimmed" fw={400}>
          {[node.Version, node.Address].filter(Boolean).join(', ')}
        </Text>
      </Table.Td>
      <Table.Td>
        <State state={node.IsOffline ? 'Offline' : draining ? 'Draining' : 'Online'} word={node.IsOffline ? 'offline: start it, or remove it' : draining ? (node.RunningTaskCount > 0 ? 'draining: its tasks end or move' : 'drained: it takes no tasks') : 'online'} />
        {node.Problem && <Text size="xs" c="var(--fail)">{node.Problem}</Text>}
        <Failure error={save.error} />
      </Table.Td>
      <Table.Td>
        <Time at={node.LastSeen} none="never" />
      </Table.Td>
      <Table.Td>
        <To to="/$space/tasks" params={{ space }} search={{ node: node.Name, active: true }}>
          {node.RunningTaskCount} running
        </To>
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap">
          <NumberInput aria-label={`Tasks at most on ${node.Name}`} min={1} max={500} value={cap ?? node.MaxConcurrentTasks} onChange={(v) => setCap(Number(v))} w={72} />
          {cap !== undefined && cap !== node.MaxConcurrentTasks && (
            <Button onClick={() => put({ MaxConcurrentTasks: cap }).then(() => setCap(undefined), () => {})} loading={save.isPending}>
              Save
            </Button>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Group gap={4} justify="flex-end">
          {draining ? (
            <Button onClick={() => void put({ IsInMaintenanceMode: false }).catch(() => {})} loading={save.isPending}>
              Take tasks again
            </Button>
          ) : (
            <Ask label="Drain" title={`Drain ${node.Name}?`} go="Drain it" onGo={() => put({ IsInMaintenanceMode: true })} error={save.error}>
              <Text size="sm">It takes no new tasks; those that run there come to their end. It goes on serving pages.{alone ? ' It is the only node: nothing will run until it takes tasks again.' : ''}</Text>
            </Ask>
          )}
          {node.IsOffline && (
            <Ask label="Remove" title={`Remove ${node.Name}?`} go="Remove it" danger onGo={() => remove.mutateAsync({ id: node.Id })} error={remove.error}>
              <Text size="sm">It is forgotten until it starts again.</Text>
            </Ask>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}
