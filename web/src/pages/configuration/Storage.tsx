import { Code, Stack, Table, Text } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Loaded, Page } from '../../parts/Page'

const places = [
  ['ClusterShared', 'clusterShared', 'Everything that has no place of its own'],
  ['NugetRepository', 'nugetRepository', 'Packages of the built-in feed'],
  ['Artifacts', 'artifacts', 'Artifacts that steps have collected'],
  ['TaskLogs', 'taskLogs', 'Logs of tasks that have ended'],
  ['EventExports', 'eventExports', 'Archived parts of the audit'],
  ['Imports', 'imports', 'Archives of imported and exported projects'],
] as const

/** Where files are kept, how the nodes find it there, and how to move it. */
export function Storage() {
  const storage = useGet('GET /api/configuration/storage/values')
  return (
    <Page title="Storage" note="Where the cluster keeps its files. Everything else is in the database.">
      <Loaded of={storage}>
        {(s) => (
          <>
            <Moving move={s.Move as Schemas['StorageMove'] | null} />
            {s.Problems.map((p) => (
              <Text key={`${p.Node} ${p.Location} ${p.Kind}`} size="sm" className="state fail" style={{ whiteSpace: 'normal' }}>
                {p.Node}: {p.Message}
              </Text>
            ))}
            {s.Problems.length === 0 && <Text size="sm">Every node reads and writes it.</Text>}
            <Table maw={860}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>What</Table.Th>
                  <Table.Th>Where</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {places.map(([name, , what]) => (
                  <Table.Tr key={name}>
                    <Table.Td>{what}</Table.Td>
                    <Table.Td className="mono">{s[name] || (name === 'ClusterShared' ? "the directory files in each node's data directory" : 'with everything else')}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </>
        )}
      </Loaded>
      <Stack gap={4} maw={760}>
        <h2>Move it</h2>
        <Text size="sm">While everything runs, from any computer that reaches the database and both places. The command copies, verifies and then switches all nodes over; the old files stay until you remove them.</Text>
        <Code block>{['mantle path --clusterShared /mnt/mantle --move', 'mantle path --artifacts s3://bucket/artifacts --move'].join('\n')}</Code>
        <Text size="sm" c="dimmed">A place is a directory that all nodes share, or s3://, azblob:// or gs://. Each of {places.slice(1).map(([, flag]) => flag).join(', ')} may have its own.</Text>
      </Stack>
    </Page>
  )
}

function Moving({ move }: { move: Schemas['StorageMove'] | null }) {
  if (!move) return null
  return (
    <Text size="sm" className="state run" role="status" style={{ whiteSpace: 'normal' }}>
      A move of {move.Place} from {move.From || 'the data directory'} to {move.To || 'the data directory'} is under way: {move.Phase}.
    </Text>
  )
}
