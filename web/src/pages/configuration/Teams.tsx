import { MultiSelect, Switch, Text, TextInput, Textarea } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

type Team = Schemas['Team']

/** Teams: who belongs to them. What a team may do stands on its own page. */
export function Teams() {
  const space = useSpaceId()
  const users = useGet('GET /api/users/all')
  const people = (users.data ?? []).map((u) => ({ value: u.Id, label: u.DisplayName || u.Username }))
  const name = (id: string) => people.find((p) => p.value === id)?.label ?? id
  return (
    <Crud<Team>
      noun="teams"
      system
      title="Teams"
      note="People who may do the same. A team has roles, each in a space or in the whole system."
      one="team"
      columns={[
        [
          'Name',
          (t) => (
            <>
              <To to="/$space/configuration/teams/$team" params={{ space, team: t.Id }}>
                {t.Name}
              </To>
              <Text size="xs" c="dimmed">
                {t.SpaceId === null ? 'of the whole system' : t.SpaceId === space ? '' : t.SpaceId}
              </Text>
            </>
          ),
        ],
        ['Members', (t) => (t.CanChangeMembers ? t.MemberUserIds.map(name).join(', ') : 'everybody')],
        ['Description', (t) => t.Description],
      ]}
      keep={(t) => !t.CanBeDeleted}
      fresh={() => ({ Name: '', Description: '', MemberUserIds: [], SpaceId: space, CanBeRenamed: true, CanChangeMembers: true })}
      form={(t, set) => (
        <>
          <TextInput label="Name" value={t.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required disabled={t.CanBeRenamed === false} {...(t.CanBeRenamed === false ? {} : { 'data-autofocus': true })} />
          <Textarea label="Description" autosize value={t.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
          {!t.Id && <Switch label="For the whole system, not only for this space" checked={t.SpaceId === null} onChange={(e) => set({ SpaceId: e.currentTarget.checked ? null : space })} />}
          {t.CanChangeMembers !== false && <MultiSelect label="Members" data={people} value={t.MemberUserIds ?? []} onChange={(v) => set({ MemberUserIds: v })} searchable />}
        </>
      )}
    />
  )
}
