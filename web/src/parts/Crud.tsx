// A list of simple documents with a form for one: what pools, policies, accounts, feeds and lifecycles have in common.
import { Button, Group, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { call } from '../api/client'
import type { Input, Op } from '../api/client'
import { queries, useGet } from '../api/hooks'
import { useMutation } from '@tanstack/react-query'
import { useFilter } from './filter'
import { useSpaceId } from '../session/space'
import { Ask } from './Ask'
import { Dialog } from './Dialog'
import { Empty, Failure, Loaded, Page } from './Page'

interface Doc {
  Id: string
  Name: string
}

type Noun = 'proxies' | 'tenants' | 'tagsets' | 'teams' | 'userroles' | 'workerpools' | 'machinepolicies' | 'accounts' | 'feeds' | 'lifecycles' | 'libraryvariablesets' | 'spaces' | 'users'

interface Props<T extends Doc> {
  noun: Noun
  title: string
  note: string
  one: string
  columns: [string, (doc: T) => ReactNode][]
  fresh: () => Partial<T> | Promise<Partial<T>>
  form: (doc: Partial<T>, set: (part: Partial<T>) => void) => ReactNode
  size?: string
  system?: boolean
  empty?: string
  keep?: (doc: T) => boolean
  name?: (doc: T) => string
}

export function Crud<T extends Doc>({ noun, title, note, one, columns, fresh, form, size, system, empty, keep, name = (d) => d.Name }: Props<T>) {
  const space = useSpaceId()
  const at = system ? '/api' : '/api/{space}'
  const list = useGet(`GET ${at}/${noun}/all` as 'GET /api/{space}/workerpools/all')
  // The address says which one is edited; the draft is what was changed in it so far, or a new one.
  const [opened, open] = useFilter('edit')
  const [draft, setDraft] = useState<Partial<T>>()
  const editing = draft ?? (opened ? (list.data as unknown as T[] | undefined)?.find((d) => d.Id === opened) : undefined)
  const close = () => {
    setDraft(undefined)
    open(null)
  }
  const done = () => queries.invalidateQueries({ predicate: (q) => String(q.queryKey[0]).includes(`/${noun}`) })
  const write = useMutation({
    mutationFn: (doc: Partial<T>) => {
      const input = { space, id: doc.Id, body: doc } as unknown as Input<Op>
      return call((doc.Id ? `PUT ${at}/${noun}/{id}` : `POST ${at}/${noun}`) as Op, input)
    },
    onSuccess: () => {
      close()
      return done()
    },
  })
  const remove = useMutation({ mutationFn: (id: string) => call(`DELETE ${at}/${noun}/{id}` as Op, { space, id } as unknown as Input<Op>), onSuccess: done })
  const add = async () => {
    write.reset()
    setDraft(await fresh())
  }
  return (
    <Page title={title} note={note} actions={<Button onClick={() => void add()} aria-haspopup="dialog">New {one}</Button>}>
      {editing && (
        <Dialog close={close} title={editing.Id ? name(editing as T) : `New ${one}`} size={size ?? 'md'}>
          <form
            onSubmit={(e) => {
              e.preventDefault()
              write.mutate(editing)
            }}
          >
            <Stack gap="sm">
              {form(editing, (part) => setDraft((old) => ({ ...(old ?? editing), ...part }) as Partial<T>))}
              <Failure error={write.error} />
              <Button type="submit" loading={write.isPending}>
                Save
              </Button>
            </Stack>
          </form>
        </Dialog>
      )}
      <Loaded of={list as unknown as { data: T[] | undefined; error: unknown; refetch: () => unknown }}>
        {(all) =>
          all.length === 0 ? (
            <Empty
              title={`There is no ${one} yet`}
              action={
                <Button onClick={() => void add()} aria-haspopup="dialog" aria-label={`New ${one}, the first`}>
                  New {one}
                </Button>
              }
            >
              {empty}
            </Empty>
          ) : (
            <Table>
              <Table.Thead>
                <Table.Tr>
                  {columns.map(([head]) => (
                    <Table.Th key={head}>{head}</Table.Th>
                  ))}
                  <Table.Th w={170} aria-label="Actions" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((doc) => (
                  <Table.Tr key={doc.Id}>
                    {columns.map(([head, show]) => (
                      <Table.Td key={head}>{show(doc)}</Table.Td>
                    ))}
                    <Table.Td>
                      <Group gap={4} wrap="nowrap" justify="flex-end">
                        <Button
                          variant="default"
                          aria-label={`Edit ${name(doc)}`}
                          aria-haspopup="dialog"
                          onClick={() => {
                            write.reset()
                            open(doc.Id)
                          }}
                        >
                          Edit
                        </Button>
                        {!keep?.(doc) && (
                          <Ask label="Delete" about={`Delete ${name(doc)}`} title={`Delete ${name(doc)}?`} go="Delete it" danger onGo={() => remove.mutateAsync(doc.Id)} error={remove.error} busy={remove.isPending}>
                            <Text size="sm">What uses it has to let go of it first.</Text>
                          </Ask>
                        )}
                      </Group>
                    </Table.Td>
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
