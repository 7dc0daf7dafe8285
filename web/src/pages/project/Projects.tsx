import { Button, Modal, NativeSelect, Stack, Table, Text, TextInput, Textarea } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { useFilter } from '../../parts/filter'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { beginnings } from './beginning'

export function Projects() {
  const space = useSpaceId()
  const [text, setText] = useFilter('q')
  const [creating, setCreating] = useFilter('new')
  const projects = useGet('GET /api/{space}/projects/all')
  const groups = useGet('GET /api/{space}/projectgroups/all')
  const shown = (projects.data ?? []).filter((p) => p.Name.toLowerCase().includes(text.trim().toLowerCase()))
  return (
    <Page
      title="Projects"
      actions={
        <>
          <TextInput aria-label="Filter projects" placeholder="Filter projects" value={text} onChange={(e) => setText(e.currentTarget.value)} />
          <NewGroup />
          <Button onClick={() => setCreating('true')}>New project</Button>
        </>
      }
    >
      {creating && <NewProject close={() => setCreating(null)} groups={groups.data ?? []} />}
      <Loaded of={projects}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="There is no project yet" action={<Button onClick={() => setCreating('true')}>New project</Button>}>
              A project is something that you deploy: its process, its variables and its releases.
            </Empty>
          ) : (
            <Stack gap="md">
              {(groups.data ?? []).map((g) => {
                const inside = shown.filter((p) => p.ProjectGroupId === g.Id)
                if (inside.length === 0) return null
                return (
                  <section key={g.Id} aria-label={g.Name}>
                    <h2>{g.Name}</h2>
                    <Table>
                      <Table.Tbody>
                        {inside.slice(0, 200).map((p) => (
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
                    {inside.length > 200 && <Text size="xs" c="dimmed">{inside.length - 200} more: filter by their names.</Text>}
                  </section>
                )
              })}
              {shown.length === 0 && <Text c="dimmed">No project matches the filter.</Text>}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  )
}

function NewGroup() {
  const [name, setName] = useState<string>()
  const create = useWrite('POST /api/{space}/projectgroups', () => setName(undefined))
  return (
    <>
      <Button variant="default" onClick={() => setName('')}>
        New group
      </Button>
      <Modal opened={name !== undefined} onClose={() => setName(undefined)} title="New project group">
        <form
          onSubmit={(e) => {
            e.preventDefault()
            create.mutate({ body: { Name: name } })
          }}
        >
          <Stack gap="sm">
            <TextInput label="Name" value={name ?? ''} onChange={(e) => setName(e.currentTarget.value)} required data-autofocus />
            <Failure error={create.error} />
            <Button type="submit" loading={create.isPending}>
              Create the group
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  )
}

function NewProject({ close, groups }: { close: () => void; groups: Schemas['ProjectGroup'][] }) {
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
    <Modal opened onClose={close} title="New project">
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
    </Modal>
  )
}
