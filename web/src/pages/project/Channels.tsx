import { Button, Group, MultiSelect, NativeSelect, Stack, Switch, Table, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Dialog } from '../../parts/Dialog'
import { Failure, Loaded, Page } from '../../parts/Page'
import { useProject } from './Project'
import { choiceOf, donors } from './donor'
import type { Donor } from './donor'

type Channel = Schemas['Channel']

/** Channels: kinds of releases, each with its lifecycle and its rules for versions. */
export function Channels() {
  const p = useProject()
  const channels = useGet('GET /api/{space}/projects/{id}/channels', { id: p.Id, query: { take: 1000 } })
  const lifecycles = useGet('GET /api/{space}/lifecycles/all')
  const process = useGet('GET /api/{space}/projects/{id}/deploymentprocesses', { id: p.Id })
  const [editing, setEditing] = useState<Partial<Channel>>()
  const remove = useWrite('DELETE /api/{space}/channels/{id}')
  const name = (id: string | null) => lifecycles.data?.find((l) => l.Id === (id ?? p.LifecycleId))?.Name ?? ''
  const packages = donors(process.data?.Steps ?? [])
  return (
    <Page title="Channels" note="Kinds of releases: each has a lifecycle and rules for the versions of packages." actions={<Button aria-haspopup="dialog" onClick={() => setEditing({ ProjectId: p.Id, Rules: [], LifecycleId: null, IsDefault: false })}>New channel</Button>}>
      {editing && <Edit channel={editing} lifecycles={lifecycles.data ?? []} packages={packages} close={() => setEditing(undefined)} />}
      <Loaded of={channels}>
        {(list) => (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Lifecycle</Table.Th>
                <Table.Th>Rules</Table.Th>
                <Table.Th w={170} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.Items.map((c) => (
                <Table.Tr key={c.Id}>
                  <Table.Td>
                    {c.Name} {c.IsDefault && <Text span size="xs" c="dimmed">default</Text>}
                  </Table.Td>
                  <Table.Td>{name(c.LifecycleId)}</Table.Td>
                  <Table.Td className="mono">{c.Rules.map((r) => [r.VersionRange, r.Tag].filter(Boolean).join(' ')).join('; ')}</Table.Td>
                  <Table.Td>
                    <Group gap={4} wrap="nowrap">
                      <Button variant="default" aria-haspopup="dialog" aria-label={`Edit ${c.Name}`} onClick={() => setEditing(c)}>
                        Edit
                      </Button>
                      {!c.IsDefault && (
                        <Ask label="Delete" about={`Delete ${c.Name}`} title={`Delete ${c.Name}?`} go="Delete it" danger onGo={() => remove.mutateAsync({ id: c.Id })} error={remove.error}>
                          <Text size="sm">Its releases have to be deleted first.</Text>
                        </Ask>
                      )}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </Page>
  )
}

function Edit({ channel, lifecycles, packages, close }: { channel: Partial<Channel>; lifecycles: Schemas['Lifecycle'][]; packages: Donor[]; close: () => void }) {
  const [c, set] = useState(channel)
  const create = useWrite('POST /api/{space}/channels', close)
  const update = useWrite('PUT /api/{space}/channels/{id}', close)
  const write = c.Id ? update : create
  const rules = c.Rules ?? []
  const rule = (i: number, part: Partial<Schemas['Rule']>) => set({ ...c, Rules: rules.map((r, n) => (n === i ? { ...r, ...part } : r)) })
  return (
    <Dialog close={close} title={c.Id ? `Channel ${channel.Name}` : 'New channel'} size="lg">
      <form
        onSubmit={(e) => {
          e.preventDefault()
          if (c.Id) update.mutate({ id: c.Id, body: c })
          else create.mutate({ body: c })
        }}
      >
        <Stack gap="sm">
          <TextInput label="Name" value={c.Name ?? ''} onChange={(e) => set({ ...c, Name: e.currentTarget.value })} required data-autofocus />
          <TextInput label="Description" value={c.Description ?? ''} onChange={(e) => set({ ...c, Description: e.currentTarget.value })} />
          <NativeSelect label="Lifecycle" value={c.LifecycleId ?? ''} onChange={(e) => set({ ...c, LifecycleId: e.currentTarget.value || null })} data={[{ value: '', label: "The project's" }, ...lifecycles.map((l) => ({ value: l.Id, label: l.Name }))]} />
          <Switch label="New releases are in this channel unless somebody chooses" checked={c.IsDefault ?? false} onChange={(e) => set({ ...c, IsDefault: e.currentTarget.checked })} />
          {rules.map((r, i) => (
            <Group key={r.Id || i} align="flex-end" wrap="nowrap">
              <Packages of={r.ActionPackages} choices={packages} set={(ActionPackages) => rule(i, { ActionPackages })} />
              <TextInput label="Version range" placeholder="[1.0,2.0)" value={r.VersionRange} onChange={(e) => rule(i, { VersionRange: e.currentTarget.value })} />
              <TextInput label="Pre-release tag" placeholder="^beta" value={r.Tag} onChange={(e) => rule(i, { Tag: e.currentTarget.value })} />
              <Button variant="default" onClick={() => set({ ...c, Rules: rules.filter((_, n) => n !== i) })}>
                Remove
              </Button>
            </Group>
          ))}
          <Group>
            <Button variant="default" disabled={packages.length === 0} onClick={() => set({ ...c, Rules: [...rules, { Id: '', Actions: [], ActionPackages: [], VersionRange: '', Tag: '', VersionTagRegex: '', VersioningStrategy: null, Links: {} }] })}>
              Add a rule for versions
            </Button>
          </Group>
          <Failure error={write.error} />
          <Button type="submit" loading={write.isPending}>
            Save
          </Button>
        </Stack>
      </form>
    </Dialog>
  )
}

type Named = Schemas['ActionPackage']

/** The packages that a rule is about. Those that the process has no more are kept until somebody takes them out. */
function Packages({ of, choices, set }: { of: Named[]; choices: Donor[]; set: (next: Named[]) => void }) {
  const value = of.map((p) => choiceOf(p, choices))
  const gone = of.filter((_, i) => !choices.some((c) => c.value === value[i]))
  const all = [...choices, ...gone.map((p) => ({ value: choiceOf(p, choices), label: p.DeploymentAction, package: p }))]
  return <MultiSelect label="Packages" data={all.map((c) => ({ value: c.value, label: c.label }))} value={value} onChange={(v) => set(all.filter((c) => v.includes(c.value)).map((c) => c.package))} w={260} />
}
