import { Box, Group } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { NavTo } from '../parts/link'
import { useSpaceId } from '../session/space'
import { sections } from './sections'

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
