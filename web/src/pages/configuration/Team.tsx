import { Button, Group, MultiSelect, NativeSelect, Table, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Failure, Loaded, Page } from '../../parts/Page'
import { useSpaceId } from '../../session/space'

type Given = Schemas['ScopedUserRole']
type Named = { Id: string; Name: string }

const options = (list: Named[] | undefined) => (list ?? []).map((x) => ({ value: x.Id, label: x.Name }))

/** What a team may do: its roles, each of them everywhere or in some projects, environments and tenants only. */
export function Team() {
  const { team: id } = useParams({ strict: false }) as { team: string }
  const team = useGet('GET /api/teams/{id}', { id })
  const given = useGet('GET /api/teams/{id}/scopeduserroles', { id })
  const roles = useGet('GET /api/userroles/all')
  const spaces = useGet('GET /api/spaces/all')
  const environments = useGet('GET /api/{space}/environments/all')
  const projects = useGet('GET /api/{space}/projects/all')
  const tenants = useGet('GET /api/{space}/tenants/all')
  const remove = useWrite('DELETE /api/scopeduserroles/{id}', () => void given.refetch())
  const known = new Map([...(environments.data ?? []), ...(projects.data ?? []), ...(tenants.data ?? [])].map((x) => [x.Id, x.Name]))
  const where = (g: Given) => [...g.EnvironmentIds, ...g.ProjectIds, ...g.ProjectGroupIds, ...g.TenantIds].map((x) => known.get(x) ?? x).join(', ')
  const roleName = (g: Given) => roles.data?.find((r) => r.Id === g.UserRoleId)?.Name ?? g.UserRoleId
  return (
    <Loaded of={team}>
      {(t) => (
        <Page title={t.Name} note={t.Description || 'What the members of this team may do'}>
          <Loaded of={given} rows={2}>
            {(list) => (
              <Table maw={860}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Role</Table.Th>
                    <Table.Th>Space</Table.Th>
                    <Table.Th>Only in</Table.Th>
                    <Table.Th w={110} aria-label="Actions" />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.Items.map((g) => (
                    <Table.Tr key={g.Id}>
                      <Table.Td>{roleName(g)}</Table.Td>
                      <Table.Td>{g.SpaceId ? (spaces.data?.find((s) => s.Id === g.SpaceId)?.Name ?? g.SpaceId) : 'the whole system'}</Table.Td>
                      <Table.Td>{where(g) || <Text size="sm" c="dimmed">everywhere</Text>}</Table.Td>
                      <Table.Td>
                        {t.CanChangeRoles && (
                          <Ask label="Take away" about={`Take away ${roleName(g)}`} title={`Take ${roleName(g)} away?`} go="Take it away" danger onGo={() => remove.mutateAsync({ id: g.Id })} error={remove.error}>
                            <Text size="sm">From the next request on, the members can no longer do what only this role allowed.</Text>
                          </Ask>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
          </Loaded>
          {t.CanChangeRoles && <Give team={t} roles={roles.data ?? []} environments={environments.data} projects={projects.data} tenants={tenants.data} given={() => void given.refetch()} />}
        </Page>
      )}
    </Loaded>
  )
}

interface GiveProps {
  team: Schemas['Team']
  roles: Schemas['UserRole'][]
  environments: Named[] | undefined
  projects: Named[] | undefined
  tenants: Named[] | undefined
  given: () => void
}

function Give({ team, roles, environments, projects, tenants, given }: GiveProps) {
  const space = useSpaceId()
  const [role, setRole] = useState('')
  const [within, setWithin] = useState<Pick<Given, 'EnvironmentIds' | 'ProjectIds' | 'TenantIds'>>({ EnvironmentIds: [], ProjectIds: [], TenantIds: [] })
  const create = useWrite('POST /api/scopeduserroles', () => {
    setWithin({ EnvironmentIds: [], ProjectIds: [], TenantIds: [] })
    given()
  })
  const chosen = roles.find((r) => r.Id === role) ?? roles[0]
  // A role of the system is given in the system; others in the space that the page shows.
  const system = chosen !== undefined && chosen.GrantedSpacePermissions.length === 0
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        if (chosen) create.mutate({ body: { TeamId: team.Id, UserRoleId: chosen.Id, SpaceId: system ? null : space, ...within } })
      }}
    >
      <h2>Give a role</h2>
      <Group align="flex-end" my="xs">
        <NativeSelect label="Role" value={chosen?.Id ?? ''} onChange={(e) => setRole(e.currentTarget.value)} data={options(roles)} w={220} />
        {!system && (
          <>
            <MultiSelect label="Only in these environments" data={options(environments)} value={within.EnvironmentIds} onChange={(v) => setWithin({ ...within, EnvironmentIds: v })} searchable w={210} />
            <MultiSelect label="Only in these projects" data={options(projects)} value={within.ProjectIds} onChange={(v) => setWithin({ ...within, ProjectIds: v })} searchable w={210} />
            {(tenants?.length ?? 0) > 0 && <MultiSelect label="Only for these tenants" data={options(tenants)} value={within.TenantIds} onChange={(v) => setWithin({ ...within, TenantIds: v })} searchable w={210} />}
          </>
        )}
        <Button type="submit" loading={create.isPending}>
          Give it
        </Button>
      </Group>
      {chosen && (
        <Text size="xs" c="dimmed">
          {chosen.Description} {system ? 'It is given in the whole system.' : 'It is given in this space.'}
        </Text>
      )}
      <Failure error={create.error} />
    </form>
  )
}
