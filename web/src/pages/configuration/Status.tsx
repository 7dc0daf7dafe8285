import { Button, Group, Stack, Table, Text } from '@mantine/core'
import { useGet } from '../../api/hooks'
import { Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { Time } from '../../parts/Time'
import { To } from '../../parts/link'
import { bytes } from '../../parts/when'
import { useSpaceId } from '../../session/space'

/** How the server is: in words first, in figures below. */
export function Status() {
  const space = useSpaceId()
  const health = useGet('GET /api/serverstatus/health')
  const status = useGet('GET /api/serverstatus')
  const info = useGet('GET /api/serverstatus/system-info')
  const counts = useGet('GET /api/serverstatus/counts')
  const logs = useGet('GET /api/serverstatus/logs')
  const settings = useGet('GET /api/serverstatus/settings')
  const certificate = useGet('GET /api/configuration/certificates/certificate-global')
  const rows: [string, React.ReactNode][] = [
    ['Version', info.data?.Version],
    ['Running since', info.data?.Uptime],
    ['System', info.data?.OSVersion],
    ['Memory', info.data && bytes(info.data.WorkingSetBytes)],
    ['Maintenance mode', status.data?.IsInMaintenanceMode ? <span className="state warn">on: people may look, and change nothing</span> : 'off'],
    ['Thumbprint for agents', <span className="mono" key="t">{certificate.data?.Thumbprint}</span>],
    ...Object.entries((counts.data ?? {}) as Record<string, unknown>)
      .filter(([name, n]) => name !== 'Links' && typeof n === 'number')
      .map(([name, n]): [string, React.ReactNode] => [name.replace(/([a-z])([A-Z])/g, '$1 $2'), String(n)]),
  ]
  return (
    <Page
      title="Server status"
      actions={
        <Button component="a" variant="default" href="/api/serverstatus/system-report" download>
          System report
        </Button>
      }
    >
      <Loaded of={health} rows={1}>{(h) => <State state={h.IsOperatingNormally ? 'Healthy' : 'Unhealthy'} word={h.Description} />}</Loaded>
      <Group align="flex-start" gap="xl">
        <Table maw={520} highlightOnHover={false}>
          <Table.Tbody>
            {rows.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td style={{ wordBreak: 'break-all' }}>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Stack gap={4} maw={520}>
          <h2>Elsewhere</h2>
          <Text size="sm">
            What to back up, and whether the copy of the key is the right one: <To to="/$space/configuration/master-key" params={{ space }} underline="always">Master key</To>. Where files are: <To to="/$space/configuration/storage" params={{ space }} underline="always">Storage</To>.
          </Text>
        </Stack>
      </Group>
      <details>
        <summary>Settings of the node that served this page</summary>
        <Loaded of={settings} rows={3}>
          {(list) => (
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th w={220}>Setting</Table.Th>
                  <Table.Th>Value</Table.Th>
                  <Table.Th w={260}>From</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {list.map((s) => (
                  <Table.Tr key={s.Name}>
                    <Table.Td className="mono">{s.Name}</Table.Td>
                    <Table.Td className="mono" style={{ wordBreak: 'break-all' }}>
                      {s.Value}
                    </Table.Td>
                    <Table.Td>{s.Origin}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </details>
      <h2>Warnings and errors of this node</h2>
      <Loaded of={logs} rows={2}>
        {(list) =>
          list.length === 0 ? (
            <Text size="sm" c="dimmed">
              There are none.
            </Text>
          ) : (
            <Table>
              <Table.Tbody>
                {list.slice(0, 100).map((l, i) => (
                  <Table.Tr key={i}>
                    <Table.Td w={110}>
                      <Time at={l.OccurredAt} />
                    </Table.Td>
                    <Table.Td w={90}>{l.Category}</Table.Td>
                    <Table.Td className="mono">{l.MessageText}</Table.Td>
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
