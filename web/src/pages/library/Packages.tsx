import { Button, Group, Progress, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import { upload } from '../../api/client'
import { queries, useGet } from '../../api/hooks'
import { NoMatch } from '../../parts/NoMatch'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { useFilter } from '../../parts/filter'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

export function Packages() {
  const space = useSpaceId()
  const [text, setText] = useFilter('q')
  const [term] = useDebouncedValue(text, 150)
  const found = useGet('GET /api/{space}/feeds/{id}/packages/search', { id: 'feeds-builtin', query: { term, take: 200 } }, { keep: true })
  return (
    <Page title="Packages" note="What is in the server's own feed." actions={<TextInput aria-label="Filter packages" placeholder="Filter packages" value={text} onChange={(e) => setText(e.currentTarget.value)} />}>
      <Drop />
      <Loaded of={found}>
        {(list) =>
          list.Items.length === 0 ? (
            text ? <NoMatch title="No package matches the filter" /> : <Empty title="There is no package yet">Build servers push packages with the API or the command line; you can drop one above.</Empty>
          ) : (
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Package</Table.Th>
                  <Table.Th>Newest version</Table.Th>
                  <Table.Th>Description</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {list.Items.map((p) => (
                  <Table.Tr key={p.Id}>
                    <Table.Td>
                      <To to="/$space/library/packages/$package" params={{ space, package: p.Id }}>
                        {p.Id}
                      </To>
                    </Table.Td>
                    <Table.Td>{p.LatestVersion}</Table.Td>
                    <Table.Td>{p.Description}</Table.Td>
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

interface Sending {
  id: number
  name: string
  part: number
  error?: unknown
  done?: string
  stop: AbortController
}

/** A place to drop packages on, with the progress of each. */
export function Drop({ uploaded }: { uploaded?: (id: string, version: string) => void }) {
  const space = useSpaceId()
  const input = useRef<HTMLInputElement>(null)
  const next = useRef(0)
  const [over, setOver] = useState(false)
  // A file that falls beside the place would make the browser leave the page for it.
  useEffect(() => {
    const hold = (e: DragEvent) => e.preventDefault()
    for (const type of ['dragover', 'drop'] as const) document.addEventListener(type, hold)
    return () => {
      for (const type of ['dragover', 'drop'] as const) document.removeEventListener(type, hold)
    }
  }, [])
  const [list, setList] = useState<Sending[]>([])
  const change = (id: number, part: Partial<Sending>) => setList((old) => old.map((s) => (s.id === id ? { ...s, ...part } : s)))
  const send = (files: FileList | null) => {
    for (const file of files ?? []) {
      const s: Sending = { id: next.current++, name: file.name, part: 0, stop: new AbortController() }
      setList((old) => [...old, s])
      upload(`/api/${space}/packages/raw?overwriteMode=FailIfExists`, file, (part) => change(s.id, { part }), s.stop.signal).then(
        (p) => {
          change(s.id, { part: 1, done: `${p.PackageId} ${p.Version}` })
          void queries.invalidateQueries({ predicate: (q) => String(q.queryKey[0]).includes('packages') })
          uploaded?.(p.PackageId, p.Version)
        },
        (error: unknown) => change(s.id, { error }),
      )
    }
  }
  return (
    <Stack gap={6}>
      <div
        className={`drop ${over ? 'over' : ''}`}
        onDragOver={(e) => {
          e.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault()
          setOver(false)
          send(e.dataTransfer.files)
        }}
      >
        <Text size="sm">
          Drop packages here, or{' '}
          <Button variant="default" onClick={() => input.current?.click()}>
            choose files
          </Button>
        </Text>
        <Text size="xs" c="dimmed">
          zip, tar.gz, nupkg and jar, named like Shop.Web.1.0.0.zip
        </Text>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Package files"
          onChange={(e) => {
            send(e.currentTarget.files)
            e.currentTarget.value = ''
          }}
        />
      </div>
      {list.map((s) => (
        <div key={s.id} role="status">
          <Group justify="space-between" gap="xs">
            <Text size="sm">{s.name}</Text>
            <Text size="xs" c="dimmed">
              {s.done ? `${s.done} is in the feed` : s.error ? '' : s.part >= 1 ? 'being stored …' : `${Math.floor(s.part * 100)} %`}
            </Text>
            {!s.done && !s.error && (
              <Button variant="default" onClick={() => s.stop.abort()} aria-label={`Stop ${s.name}`}>
                Stop
              </Button>
            )}
          </Group>
          {s.error ? <Failure error={s.error} /> : <Progress value={s.part * 100} size="sm" color={s.done ? 'green' : undefined} aria-label={`${s.name}: ${Math.floor(s.part * 100)} %`} />}
        </div>
      ))}
    </Stack>
  )
}
