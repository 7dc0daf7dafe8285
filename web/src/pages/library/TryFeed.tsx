import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Dialog } from '../../parts/Dialog'
import { Loaded } from '../../parts/Page'
import { State } from '../../parts/State'
import { Time } from '../../parts/Time'

type Feed = Schemas['Feed']

/** Whether this server asks feeds of the kind what they hold. */
const asked = (f: Feed) => f.FeedType === 'BuiltIn' || f.FeedType === 'NuGet'

/** Asks a feed, with the address and the credentials that it has, and shows what it answers. */
export function TryFeed({ feed }: { feed: Feed }) {
  const [opened, { open, close }] = useDisclosure()
  if (!asked(feed)) {
    return (
      <Text size="sm" c="dimmed">
        kept for clients; not asked
      </Text>
    )
  }
  return (
    <>
      <Button variant="default" onClick={open} aria-haspopup="dialog" aria-label={`Try ${feed.Name}`}>
        Try
      </Button>
      {opened && (
        <Dialog close={close} title={`Packages of ${feed.Name}`} size="lg">
          <Packages feed={feed} />
        </Dialog>
      )}
    </>
  )
}

function Packages({ feed }: { feed: Feed }) {
  const [typed, setTyped] = useState('')
  const [term, setTerm] = useState('')
  const [chosen, setChosen] = useState('')
  const found = useGet('GET /api/{space}/feeds/{id}/packages/search', { id: feed.Id, query: { term, take: 20 } })
  return (
    <Stack gap="sm">
      <form
        onSubmit={(e) => {
          e.preventDefault()
          setChosen('')
          if (term === typed.trim()) void found.refetch()
          else setTerm(typed.trim())
        }}
      >
        <Group align="flex-end" wrap="nowrap">
          <TextInput label="A part of a package's name" value={typed} onChange={(e) => setTyped(e.currentTarget.value)} style={{ flex: 1 }} autoComplete="off" spellCheck={false} data-autofocus />
          <Button type="submit" loading={found.isFetching}>
            Search
          </Button>
        </Group>
      </form>
      <Loaded of={{ data: found.error ? undefined : found.data, error: found.error, refetch: found.refetch }} rows={3}>
        {(list) => (
          <>
            <div role="status">
              <State state="Healthy" word={list.TotalResults === 0 ? 'It answers: nothing is found' : list.TotalResults > list.Items.length ? `It answers: these and more, ${list.TotalResults} in all` : `It answers: ${list.TotalResults} found`} />
            </div>
            {list.Items.length > 0 && (
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Package</Table.Th>
                    <Table.Th>Newest version</Table.Th>
                    <Table.Th w={110} aria-label="Actions" />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.Items.map((p) => (
                    <Table.Tr key={p.Id}>
                      <Table.Td>
                        {p.Id}
                        {p.Description && (
                          <Text size="xs" c="dimmed" lineClamp={2}>
                            {p.Description}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td className="mono">{p.LatestVersion}</Table.Td>
                      <Table.Td>
                        <Button variant="default" aria-label={`Versions of ${p.Id}`} aria-pressed={chosen === p.Id} onClick={() => setChosen(p.Id)}>
                          Versions
                        </Button>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
            {chosen && <Versions feed={feed} id={chosen} />}
          </>
        )}
      </Loaded>
      {feed.FeedType !== 'BuiltIn' && (
        <Text size="xs" c="dimmed">
          Deployments fetch packages from here, and the server keeps them for the next ones.
        </Text>
      )}
    </Stack>
  )
}

function Versions({ feed, id }: { feed: Feed; id: string }) {
  const versions = useGet('GET /api/{space}/feeds/{id}/packages/versions', { id: feed.Id, query: { packageId: id, take: 30 } })
  return (
    <section aria-label={`Versions of ${id}`}>
      <h2>{id}</h2>
      <Loaded of={versions} rows={2}>
        {(list) => (
          <Table>
            <Table.Tbody>
              {list.Items.map((v) => (
                <Table.Tr key={v.Version}>
                  <Table.Td className="mono">{v.Version}</Table.Td>
                  <Table.Td>{v.Published > '1900' && <Time at={v.Published} />}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </section>
  )
}
