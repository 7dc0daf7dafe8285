import { Button, Group, NativeSelect, Stack, Table, Text, TextInput, Textarea } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Dialog } from '../../parts/Dialog'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { useFilter } from '../../parts/filter'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { beginnings } from './beginning'

type ProjectGroup = Schemas['ProjectGroup']

const atFirst = 100

export function Projects() {
  const space = useSpaceId()
  const [text, setText] = useFilter('q')
  const [creating, setCreating] = useFilter('new')
  const [editing, edit] = useState<ProjectGroup>()
  const projects = useGet('GET /api/{space}/projects/all')
  const groups = useGet('GET /api/{space}/projectgroups/all')
  const [whole, showAll] = useState(false)
  const found = (projects.data ?? []).filter((p) => p.Name.toLowerCase().includes(text.trim().toLowerCase()))
  // Those of the first groups, in their order; the rest when somebody wants to see them.
  const place = new Map((groups.data ?? []).map((g, i) => [g.Id, i]))
  // A group that this user may not see has its projects all the same.
  const inside = (g: ProjectGroup, p: { ProjectGroupId: string }) => (g.Id ? p.ProjectGroupId === g.Id : !place.has(p.ProjectGroupId))
  const others = (groups.data || groups.error) && projects.data?.some((p) => !place.has(p.ProjectGroupId)) ? [{ Id: '', Name: 'Other projects' } as ProjectGroup] : []
  const shown = whole ? found : found.toSorted((a, b) => (place.get(a.ProjectGroupId) ?? 0) - (place.get(b.ProjectGroupId) ?? 0)).slice(0, atFirst)
  return (
    <Page
      title="Projects"
      actions={
        <>
          <TextInput aria-label="Filter projects" placeholder="Filter projects" value={text} onChange={(e) => setText(e.currentTarget.value)} />
          <NewGroup />
          <Button aria-haspopup="dialog" onClick={() => setCreating('true')}>New project</Button>
        </>
      }
    >
      {editing && <EditGroup group={editing} empty={!projects.data?.some((p) => p.ProjectGroupId === editing.Id)} close={() => edit(undefined)} />}
      {creating && <NewProject close={() => setCreating(null)} groups={groups.data ?? []} />}
      <Loaded of={projects}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="There is no project yet" action={<Button aria-haspopup="dialog" onClick={() => setCreating('true')}>New project</Button>}>
              A project is something that you deploy: its process, its variables and its releases.
            </Empty>
          ) : (
            <Stack gap="md">
              {[...(groups.data ?? []), ...others].map((g) => {
                const list = shown.filter((p) => inside(g, p))
                if (list.length === 0 && found.some((p) => inside(g, p))) return null
                const empty = !all.some((p) => inside(g, p))
                if (list.length === 0 && (text.trim() || !empty)) return null
                return (
                  <section key={g.Id} aria-label={g.Name}>
                    <Group gap="xs">
                      <h2>{g.Name}</h2>
                      {g.Id && (
                        <Button variant="subtle" size="compact-xs" color="gray" c="inherit" aria-haspopup="dialog" aria-label={`Edit the group ${g.Name}`} onClick={() => edit(g)}>
                          Edit
                        </Button>
                      )}
                      {empty && <Text size="xs" c="dimmed">no project</Text>}
                    </Group>
                    <Table>
                      <Table.Tbody>
                        {list.map((p) => (
                          <Table.Tr key={p.Id}>
                            <Table.Td w={280}>
                              <To to="/$space/projects/$project" params={{ space, project: p.Slug || p.Id }}>
                                {p.Name}
                              </To>
                            </Table.Td>
                            <Table.Td>
                              <Text size="sm" c="dimmed" lineClamp={1}>
                                {p.Description}
                              </Text>
                            </Table.Td>
                            <Table.Td w={100}>{p.IsDisabled ? 'disabled' : ''}</Table.Td>
                          </Table.Tr>
                        ))}
                      </Table.Tbody>
                    </Table>
                  </section>
                )
              })}
              {found.length === 0 && <Text c="dimmed">No project matches the filter.</Text>}
              {found.length > shown.length && (
                <Button variant="default" w="fit-content" onClick={() => showAll(true)}>
                  Show {found.length - shown.length} more
                </Button>
              )}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  )
}

function NewGroup() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        New group
      </Button>
      {open && <EditGroup group={{ Name: '', Description: '' }} empty={false} close={() => setOpen(false)} />}
    </>
  )
}

/** A group's name and description. One without projects can be deleted. */
function EditGroup({ group, empty, close }: { group: Partial<ProjectGroup>; empty: boolean; close: () => void }) {
  const [g, set] = useState(group)
  const create = useWrite('POST /api/{space}/projectgroups', close)
  const update = useWrite('PUT /api/{space}/projectgroups/{id}', close)
  const remove = useWrite('DELETE /api/{space}/projectgroups/{id}', close)
  const id = g.Id
  return (
    <Dialog close={close} title={id ? group.Name : 'New project group'}>
      <form
        onSubmit={(e) => {
          e.preventDefault()
          if (id) update.mutate({ id, body: g })
          else create.mutate({ body: g })
        }}
      >
        <Stack gap="sm">
          <TextInput label="Name" value={g.Name ?? ''} onChange={(e) => set({ ...g, Name: e.currentTarget.value })} required data-autofocus />
          <Textarea label="Description" value={g.Description ?? ''} onChange={(e) => set({ ...g, Description: e.currentTarget.value })} autosize />
          <Failure error={create.error ?? update.error ?? remove.error} />
          <Button type="submit" loading={create.isPending || update.isPending}>
            {id ? 'Save' : 'Create the group'}
          </Button>
          {id && empty && (
            <Button variant="default" onClick={() => remove.mutate({ id })} loading={remove.isPending}>
              Delete the group, which is empty
            </Button>
          )}
        </Stack>
      </form>
    </Dialog>
  )
}

function NewProject({ close, groups }: { close: () => void; groups: ProjectGroup[] }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const lifecycles = useGet('GET /api/{space}/lifecycles/all')
  const [name, setName] = useState('')
  const [about, setAbout] = useState('')
  const [group, setGroup] = useState('')
  const [lifecycle, setLifecycle] = useState('')
  const [beginning, setBeginning] = useState(beginnings[0]!.id)
  const create = useWrite('POST /api/{space}/projects')
  const begin = useWrite('PUT /api/{space}/projects/{id}/deploymentprocesses')
  const go = async () => {
    const p = await create.mutateAsync({ body: { Name: name, Description: about, ProjectGroupId: group || groups[0]?.Id, LifecycleId: lifecycle || lifecycles.data?.[0]?.Id } })
    const steps = beginnings.find((b) => b.id === beginning)?.steps ?? []
    if (steps.length > 0) await begin.mutateAsync({ id: p.Id, body: { ProjectId: p.Id, Version: 0, Steps: steps } })
    await navigate({ to: '/$space/projects/$project/process', params: { space, project: p.Slug } })
  }
  return (
    <Dialog close={close} title="New project">
      <form
        onSubmit={(e) => {
          e.preventDefault()
          go().catch(() => {})
        }}
      >
        <Stack gap="sm">
          <TextInput label="Name" value={name} onChange={(e) => setName(e.currentTarget.value)} required data-autofocus />
          <Textarea label="Description" value={about} onChange={(e) => setAbout(e.currentTarget.value)} autosize />
          <NativeSelect label="Group" value={group} onChange={(e) => setGroup(e.currentTarget.value)} data={groups.map((g) => ({ value: g.Id, label: g.Name }))} />
          <NativeSelect label="Lifecycle" value={lifecycle} onChange={(e) => setLifecycle(e.currentTarget.value)} data={(lifecycles.data ?? []).map((l) => ({ value: l.Id, label: l.Name }))} />
          <NativeSelect label="Begin with" value={beginning} onChange={(e) => setBeginning(e.currentTarget.value)} data={beginnings.map((b) => ({ value: b.id, label: b.name }))} />
          <Failure error={create.error ?? begin.error} />
          <Button type="submit" loading={create.isPending || begin.isPending}>
            Create the project
          </Button>
        </Stack>
      </form>
    </Dialog>
  )
}
