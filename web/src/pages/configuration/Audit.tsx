import { Button, Group, MultiSelect, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Dialog } from '../../parts/Dialog'
import { Loaded, Page } from '../../parts/Page'
import { NoMatch } from '../../parts/NoMatch'
import { Pages } from '../../parts/Pages'
import { Time } from '../../parts/Time'
import { useFilter } from '../../parts/filter'
import { differences } from './differences'

type Event = Schemas['Event']

export function Audit() {
  const [user, setUser] = useFilter('user')
  const [category, setCategory] = useFilter('category')
  const [kind, setKind] = useFilter('kind')
  const [regarding, setRegarding] = useFilter('regarding')
  const [from, setFrom] = useFilter('from')
  const [to, setTo] = useFilter('to')
  const [page, setPage] = useFilter('page', '1')
  const [shown, show] = useFilter('event')
  const users = useGet('GET /api/users/all')
  const categories = useGet('GET /api/events/categories')
  const kinds = useGet('GET /api/events/documenttypes')
  const day = (text: string, end: boolean) => (text ? new Date(`${text}T${end ? '23:59:59' : '00:00:00'}`).toISOString() : undefined)
  const events = useGet(
    'GET /api/events',
    { query: { users: user, eventCategories: category, documentTypes: kind, regarding, from: day(from, false), to: day(to, true), includeSystem: true, excludeDifference: false, skip: (Number(page) - 1) * 30, take: 30 } },
    { keep: true },
  )
  const options = (all: string, list: { Id: string; Name: string }[] | undefined) => [{ value: '', label: all }, ...(list ?? []).map((x) => ({ value: x.Id, label: x.Name }))]
  return (
    <Page title="Audit" note="Who did what, and what it changed.">
      <Group align="flex-end">
        <NativeSelect aria-label="User" value={user} onChange={(e) => setUser(e.currentTarget.value)} data={[{ value: '', label: 'Everybody' }, ...(users.data ?? []).map((u) => ({ value: u.Id, label: u.DisplayName || u.Username }))]} />
        <MultiSelect aria-label="What happened" placeholder={category ? '' : 'Whatever happened'} data={(categories.data ?? []).map((c) => ({ value: c.Id, label: c.Name }))} value={category ? category.split(',') : []} onChange={(v) => setCategory(v.join())} searchable clearable miw={220} />
        <NativeSelect aria-label="Kind of thing" value={kind} onChange={(e) => setKind(e.currentTarget.value)} data={options('Everything', kinds.data)} />
        <TextInput aria-label="ID of a thing" placeholder="Projects-1" value={regarding} onChange={(e) => setRegarding(e.currentTarget.value)} w={130} />
        <TextInput type="date" aria-label="From" value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
        <TextInput type="date" aria-label="To" value={to} onChange={(e) => setTo(e.currentTarget.value)} />
      </Group>
      <Loaded of={events}>
        {(list) =>
          list.Items.length === 0 ? (
            <NoMatch title="Nothing of this kind has happened" />
          ) : (
            <>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th w={110}>When</Table.Th>
                    <Table.Th w={140}>Who</Table.Th>
                    <Table.Th>What</Table.Th>
                    <Table.Th w={110} aria-label="Actions" />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.Items.map((e) => (
                    <Table.Tr key={e.Id}>
                      <Table.Td>
                        <Time at={e.Occurred} />
                      </Table.Td>
                      <Table.Td>{e.Username}</Table.Td>
                      <Table.Td>{e.Message}</Table.Td>
                      <Table.Td>
                        <Button variant="default" aria-haspopup="dialog" onClick={() => show(e.Id)}>
                          {(e.ChangeDetails?.Differences?.length ?? 0) > 0 ? 'Differences' : 'Details'}
                        </Button>
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
      {shown && <One id={shown} known={events.data?.Items.find((e) => e.Id === shown)} close={() => show(null)} />}
    </Page>
  )
}

/** One event: of the list below, or any that an address names. */
function One({ id, known, close }: { id: string; known: Event | undefined; close: () => void }) {
  const read = useGet('GET /api/events/{id}', { id }, { enabled: !known })
  const event = known ?? read.data
  return (
    <Dialog close={close} title={event?.Message ?? id} size="xl">
      <Loaded of={{ data: event, error: read.error, refetch: read.refetch }}>{(e) => <Details event={e} />}</Loaded>
    </Dialog>
  )
}

function Details({ event }: { event: Event }) {
  const list = differences(event.ChangeDetails)
  return (
    <>
      <Text size="sm" c="dimmed">
        {event.Id} · {new Date(event.Occurred).toLocaleString()} · {event.Username} · {event.IdentityEstablishedWith} {event.IpAddress && `from ${event.IpAddress}`}
      </Text>
      {event.Details && <Text size="sm">{event.Details}</Text>}
      <div className="diff">
        {list.map((d) => (
          <div key={d.path} style={{ marginTop: 8 }}>
            <b>{d.path}</b>
            {d.before !== '' && <div className="minus">− {d.before}</div>}
            {d.after !== '' && <div className="plus">+ {d.after}</div>}
          </div>
        ))}
      </div>
    </>
  )
}
