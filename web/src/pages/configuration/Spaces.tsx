import { Checkbox, Text, TextInput, Textarea } from '@mantine/core'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { To } from '../../parts/link'
import { useSession } from '../../session/session'
import { useSpaceId } from '../../session/space'

type Space = Schemas['Space']

export function Spaces() {
  const session = useSession()
  const space = useSpaceId()
  const me = session.data?.user?.Id ?? ''
  return (
    <Crud<Space>
      noun="spaces"
      system
      title="Spaces"
      note="Parts of the server with projects, machines and people of their own."
      one="space"
      columns={[
        ['Name', (s) => <><To to="/$space/configuration/spaces/$id" params={{ space, id: s.Id }}>{s.Name}</To> {s.IsDefault && <Text span size="xs" c="dimmed">default</Text>}</>],
        ['Tasks', (s) => (s.TaskQueueStopped ? <span className="state warn">stopped</span> : 'run')],
        ['Description', (s) => s.Description],
      ]}
      fresh={() => ({ Name: '', SpaceManagersTeamMembers: [me], SpaceManagersTeams: [], TaskQueueStopped: false })}
      keep={(s) => s.IsDefault || !s.TaskQueueStopped}
      form={(s, set) => (
        <>
          <TextInput label="Name" value={s.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
          <Textarea label="Description" autosize value={s.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
          {s.Id && <Checkbox label="No tasks start in this space" description="A space has to be stopped before it can be deleted" checked={s.TaskQueueStopped ?? false} onChange={(e) => set({ TaskQueueStopped: e.currentTarget.checked })} />}
        </>
      )}
    />
  )
}
