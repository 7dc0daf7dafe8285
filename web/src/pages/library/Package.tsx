import { Button, Table, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useGet, useWrite } from '../../api/hooks'
import { Ask } from '../../parts/Ask'
import { Empty, Loaded, Page } from '../../parts/Page'
import { Pages } from '../../parts/Pages'
import { Time } from '../../parts/Time'
import { useFilter } from '../../parts/filter'
import { ButtonTo } from '../../parts/link'
import { bytes } from '../../parts/when'
import { useSpaceId } from '../../session/space'

/** The versions of a package. */
export function Package() {
  const space = useSpaceId()
  const { package: id } = useParams({ strict: false }) as { package: string }
  const [page, setPage] = useFilter('page', '1')
  const versions = useGet('GET /api/{space}/packages', { query: { packageId: id, skip: (Number(page) - 1) * 50, take: 50 } }, { keep: true })
  const remove = useWrite('DELETE /api/{space}/packages/{id}')
  return (
    <Page title={id} note="Its versions in the server's own feed">
      <Loaded of={versions}>
        {(list) =>
          list.Items.length === 0 ? (
            <Empty
              title="There is no version of it"
              action={
                <ButtonTo to="/$space/library" params={{ space }}>
                  To the packages
                </ButtonTo>
              }
            >
              Drop a file on the page of the packages, or push one with the API or the command line.
            </Empty>
          ) : (
            <>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Version</Table.Th>
                    <Table.Th>Size</Table.Th>
                    <Table.Th>Published</Table.Th>
                    <Table.Th>Hash</Table.Th>
                    <Table.Th w={190} aria-label="Actions" />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.Items.map((p) => (
                    <Table.Tr key={p.Id}>
                      <Table.Td fw={600}>{p.Version}</Table.Td>
                      <Table.Td>{bytes(p.PackageSizeBytes)}</Table.Td>
                      <Table.Td>
                        <Time at={p.Published} />
                      </Table.Td>
                      <Table.Td className="mono">{p.Hash.slice(0, 12)}</Table.Td>
                      <Table.Td>
                        <Button component="a" variant="default" href={`/api/${space}/packages/${encodeURIComponent(p.Id)}/raw`} download mr={4} aria-label={`Download ${p.Version}`}>
                          Download
                        </Button>
                        <Ask label="Delete" about={`Delete ${p.Version}`} title={`Delete ${id} ${p.Version}?`} go="Delete it" danger onGo={() => remove.mutateAsync({ id: p.Id })} error={remove.error}>
                          <Text size="sm">Releases that name this version can no longer be deployed.</Text>
                        </Ask>
                      </Table.Td>
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
