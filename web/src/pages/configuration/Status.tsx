import { Button, Group, Stack, Table, Text } from '@mantine/core'
import { useGet } from '../../api/hooks'
import { Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { Time } from '../../parts/Time'
import { bytes } from '../../parts/when'

/** How the server is: in words first, in figures below. */
export function Status() {
  const health = useGet('GET /api/serverstatus/health')
  const status = useGet('GET /api/serverstatus')
  const info = useGet('GET /api/serverstatus/system-info')
  const counts = useGet('GET /api/serverstatus/counts')
  const logs = useGet('GET /api/serverstatus/logs')
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
          <h2>What to back up</h2>
          <Text size="sm">
            The database, the directory of files, and the master key, which lies outside of both: without it nobody reads the secrets. <span className="mono">mantle show-configuration</span> says where they are, <span className="mono">mantle master-key show</span> prints the key, <span className="mono">mantle master-key verify</span> says whether a copy of it is the right one.
          </Text>
        </Stack>
      </Group>
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
