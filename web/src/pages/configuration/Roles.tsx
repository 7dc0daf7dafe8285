import { MultiSelect, TextInput, Textarea } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'

type Role = Schemas['UserRole']

/** Roles: sets of permissions, which teams get. */
export function Roles() {
  const permissions = useGet('GET /api/permissions/all')
  const names = Object.entries(permissions.data ?? {})
  const inSpaces = names.filter(([, p]) => p.CanApplyAtSpaceLevel).map(([n]) => n)
  const inSystem = names.filter(([, p]) => p.CanApplyAtSystemLevel).map(([n]) => n)
  return (
    <Crud<Role>
      noun="userroles"
      system
      title="Roles"
      note="Sets of permissions. A team has roles; its page gives them."
      one="role"
      size="lg"
      columns={[
        ['Name', (r) => r.Name],
        ['Permissions', (r) => `${r.GrantedSpacePermissions.length + r.GrantedSystemPermissions.length}`],
        ['Description', (r) => r.Description],
      ]}
      keep={(r) => !r.CanBeDeleted}
      fresh={() => ({ Name: '', Description: '', GrantedSpacePermissions: [], GrantedSystemPermissions: [], CanBeDeleted: true })}
      form={(r, set) => (
        <>
          <TextInput label="Name" value={r.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
          <Textarea label="Description" autosize value={r.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
          <MultiSelect label="In a space" data={inSpaces} value={r.GrantedSpacePermissions ?? []} onChange={(v) => set({ GrantedSpacePermissions: v })} searchable hidePickedOptions />
          <MultiSelect label="In the whole system" data={inSystem} value={r.GrantedSystemPermissions ?? []} onChange={(v) => set({ GrantedSystemPermissions: v })} searchable hidePickedOptions />
        </>
      )}
    />
  )
}
