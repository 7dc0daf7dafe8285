import { Box, Group } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { NavTo } from '../parts/link'
import { useSpaceId } from '../session/space'

const sections = {
  infrastructure: [
    ['/$space/infrastructure', 'Environments'],
    ['/$space/infrastructure/machines', 'Machines'],
    ['/$space/infrastructure/workers', 'Workers'],
    ['/$space/infrastructure/pools', 'Worker pools'],
    ['/$space/infrastructure/policies', 'Machine policies'],
    ['/$space/infrastructure/accounts', 'Accounts'],
    ['/$space/infrastructure/proxies', 'Proxies'],
  ],
  library: [
    ['/$space/library', 'Packages'],
    ['/$space/library/feeds', 'Feeds'],
    ['/$space/library/lifecycles', 'Lifecycles'],
    ['/$space/library/variables', 'Variable sets'],
    ['/$space/library/tenants', 'Tenants'],
    ['/$space/library/tags', 'Tag sets'],
  ],
  configuration: [
    ['/$space/configuration', 'Nodes'],
    ['/$space/configuration/storage', 'Storage'],
    ['/$space/configuration/master-key', 'Master key'],
    ['/$space/configuration/users', 'Users'],
    ['/$space/configuration/teams', 'Teams'],
    ['/$space/configuration/roles', 'Roles'],
    ['/$space/configuration/audit', 'Audit'],
    ['/$space/configuration/spaces', 'Spaces'],
    ['/$space/configuration/status', 'Server status'],
  ],
} as const

/** A part of the portal with its own list of pages at the left. */
export function Section({ name }: { name: keyof typeof sections }) {
  const space = useSpaceId()
  return (
    <Group align="flex-start" wrap="nowrap" gap="lg">
      <Box component="nav" aria-label={name} w={168} style={{ flex: 'none' }}>
        {sections[name].map(([to, label]) => (
          <NavTo key={to} to={to} params={{ space }} label={label} activeOptions={{ exact: to === `/$space/${name}`, includeSearch: false }} activeProps={{ active: true }} />
        ))}
      </Box>
      <Box style={{ flex: 1, minWidth: 0 }}>
        <Outlet />
      </Box>
    </Group>
  )
}
