import { Button, Group, Stack, Switch, Table, Text, TextInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Dialog } from '../../parts/Dialog'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { HealthCounts } from './HealthCounts'

type Environment = Schemas['Environment']

export function Environments() {
  const space = useSpaceId()
  const summary = useGet('GET /api/{space}/environments/summary')
  const [editing, setEditing] = useState<Partial<Environment>>()
  const remove = useWrite('DELETE /api/{space}/environments/{id}')
  const order = useWrite('PUT /api/{space}/environments/sortorder')
  return (
    <Page title="Environments" note="Where releases are deployed to, in the order in which pages show them." actions={<Button aria-haspopup="dialog" onClick={() => setEditing({ Name: '' })}>New environment</Button>}>
      {editing && <Edit environment={editing} close={() => setEditing(undefined)} />}
      <Failure error={order.error} />
      <Loaded of={summary}>
        {(doc) => {
          const list = doc.EnvironmentSummaries.map((s) => ({ ...s, Environment: s.Environment as Environment }))
          const shift = (i: number, by: number) => {
            const ids = list.map((s) => s.Environment.Id)
            ids.splice(i + by, 0, ...ids.splice(i, 1))
            order.mutate({ body: ids })
          }
          return list.length === 0 ? (
            <Empty title="There is no environment yet" action={<Button aria-haspopup="dialog" onClick={() => setEditing({ Name: '' })}>New environment</Button>}>
              Development, Test, Production: an environment is a set of machines that a release goes to at once.
            </Empty>
          ) : (
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Machines</Table.Th>
                  <Table.Th w={330} />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {list.map((s, i) => (
                  <Table.Tr key={s.Environment.Id}>
                    <Table.Td>
                      <To to="/$space/infrastructure/machines" params={{ space }} search={{ environment: s.Environment.Id }}>
                        {s.Environment.Name}
                      </To>
                      <Text size="xs" c="dimmed">
                        {s.Environment.Description}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <HealthCounts counts={s.MachineHealthStatusSummaries} disabled={s.TotalDisabledMachines} />
                    </Table.Td>
                    <Table.Td>
                      <Group gap={4} justify="flex-end" wrap="nowrap">
                        <Button variant="default" disabled={i === 0} onClick={() => shift(i, -1)} aria-label={`Move ${s.Environment.Name} up`}>
                          ↑
                        </Button>
                        <Button variant="default" disabled={i === list.length - 1} onClick={() => shift(i, 1)} aria-label={`Move ${s.Environment.Name} down`}>
                          ↓
                        </Button>
                        <Button variant="default" aria-haspopup="dialog" aria-label={`Edit ${s.Environment.Name}`} onClick={() => setEditing(s.Environment)}>
                          Edit
                        </Button>
                        <Ask label="Delete" about={`Delete ${s.Environment.Name}`} title={`Delete ${s.Environment.Name}?`} go="Delete it" danger onGo={() => remove.mutateAsync({ id: s.Environment.Id })} error={remove.error}>
                          <Text size="sm">It cannot be deleted while machines or lifecycles name it.</Text>
                        </Ask>
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Edit({ environment, close }: { environment: Partial<Environment>; close: () => void }) {
  const [e, set] = useState(environment)
  const create = useWrite('POST /api/{space}/environments', close)
  const update = useWrite('PUT /api/{space}/environments/{id}', close)
  const write = e.Id ? update : create
  return (
    <Dialog close={close} title={e.Id ? environment.Name : 'New environment'}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (e.Id) update.mutate({ id: e.Id, body: e })
          else create.mutate({ body: e })
        }}
      >
        <Stack gap="sm">
          <TextInput label="Name" value={e.Name ?? ''} onChange={(v) => set({ ...e, Name: v.currentTarget.value })} required data-autofocus />
          <Textarea label="Description" autosize value={e.Description ?? ''} onChange={(v) => set({ ...e, Description: v.currentTarget.value })} />
          <Switch label="Ask a person when a step fails" description="Kept for clients: this server ends a deployment whose step fails, and asks nobody" checked={e.UseGuidedFailure ?? false} onChange={(v) => set({ ...e, UseGuidedFailure: v.currentTarget.checked })} />
          <Switch label="Steps may add and remove machines" description="Kept for clients: steps cannot do that yet" checked={e.AllowDynamicInfrastructure ?? false} onChange={(v) => set({ ...e, AllowDynamicInfrastructure: v.currentTarget.checked })} />
          <Failure error={write.error} />
          <Button type="submit" loading={write.isPending}>
            Save
          </Button>
        </Stack>
      </form>
    </Dialog>
  )
}
