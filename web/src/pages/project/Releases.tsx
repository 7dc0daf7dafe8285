import { Table, TextInput } from '@mantine/core'
import { useGet } from '../../api/hooks'
import { Empty, Loaded, Page } from '../../parts/Page'
import { NoMatch } from '../../parts/NoMatch'
import { Pages } from '../../parts/Pages'
import { Time } from '../../parts/Time'
import { useFilter } from '../../parts/filter'
import { ButtonTo, To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { useProject } from './Project'

export function Releases() {
  const space = useSpaceId()
  const p = useProject()
  const [text, setText] = useFilter('q')
  const [page, setPage] = useFilter('page', '1')
  const releases = useGet('GET /api/{space}/projects/{id}/releases', { id: p.Id, query: { searchByVersion: text, skip: (Number(page) - 1) * 30, take: 30 } }, { keep: true })
  const channels = useGet('GET /api/{space}/projects/{id}/channels', { id: p.Id, query: { take: 1000 } })
  const name = (id: string) => channels.data?.Items.find((c) => c.Id === id)?.Name ?? ''
  return (
    <Page
      title="Releases"
      actions={
        <>
          <TextInput aria-label="Filter by version" placeholder="Filter by version" value={text} onChange={(e) => setText(e.currentTarget.value)} />
          <ButtonTo to="/$space/projects/$project/releases/new" params={{ space, project: p.Slug }}>
            Create a release
          </ButtonTo>
        </>
      }
    >
      <Loaded of={releases}>
        {(list) =>
          list.Items.length === 0 ? (
            text ? (
              <NoMatch title="No release matches the filter" />
            ) : (
              <Empty
                title="There is no release yet"
                action={
                  <ButtonTo to="/$space/projects/$project/releases/new" params={{ space, project: p.Slug }}>
                    Create the first release
                  </ButtonTo>
                }
              >
                A release keeps the process, the variables and the versions of packages as they are now, under a number.
              </Empty>
            )
          ) : (
            <>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Version</Table.Th>
                    <Table.Th>Channel</Table.Th>
                    <Table.Th>Packages</Table.Th>
                    <Table.Th>Created</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.Items.map((r) => (
                    <Table.Tr key={r.Id}>
                      <Table.Td>
                        <To to="/$space/projects/$project/releases/$version" params={{ space, project: p.Slug, version: r.Version }} fw={600}>
                          {r.Version}
                        </To>
                      </Table.Td>
                      <Table.Td>{name(r.ChannelId)}</Table.Td>
                      <Table.Td>{r.SelectedPackages.map((x) => x.Version).join(', ')}</Table.Td>
                      <Table.Td>
                        <Time at={r.Assembled} />
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
