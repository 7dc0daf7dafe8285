import { PasswordInput, Switch, Text, TextInput } from '@mantine/core'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

type User = Schemas['User'] & { Name: string }

export function Users() {
  const space = useSpaceId()
  return (
    <Crud<User>
      noun="users"
      system
      title="Users"
      note="Who may sign in, and service accounts, which have API keys only."
      one="user"
      name={(u) => u.DisplayName || u.Username}
      columns={[
        [
          'Name',
          (u) => (
            <To to="/$space/configuration/users/$user" params={{ space, user: u.Id }}>
              {u.DisplayName || u.Username}
            </To>
          ),
        ],
        ['User name', (u) => u.Username],
        ['Kind', (u) => <>{u.IsService ? 'service account' : 'person'} {!u.IsActive && <Text span size="xs" c="var(--warn)">locked out</Text>}</>],
        ['E-mail', (u) => u.EmailAddress],
      ]}
      fresh={() => ({ Username: '', DisplayName: '', IsActive: true, IsService: false })}
      form={(u, set) => (
        <>
          <TextInput label="User name" value={u.Username ?? ''} onChange={(e) => set({ Username: e.currentTarget.value })} required data-autofocus autoComplete="off" />
          <TextInput label="Name" value={u.DisplayName ?? ''} onChange={(e) => set({ DisplayName: e.currentTarget.value })} />
          <TextInput label="E-mail" value={u.EmailAddress ?? ''} onChange={(e) => set({ EmailAddress: e.currentTarget.value })} />
          {!u.Id && <Switch label="A service account: it has API keys, and no password" checked={u.IsService ?? false} onChange={(e) => set({ IsService: e.currentTarget.checked })} />}
          {!u.IsService && <PasswordInput label="Password" placeholder={u.Id ? 'unchanged' : ''} value={u.Password ?? ''} onChange={(e) => set({ Password: e.currentTarget.value })} autoComplete="new-password" required={!u.Id} />}
          {u.Id && <Switch label="May sign in" checked={u.IsActive ?? false} onChange={(e) => set({ IsActive: e.currentTarget.checked })} />}
        </>
      )}
    />
  )
}
