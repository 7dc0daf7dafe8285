import { Box, Group, Text } from '@mantine/core'
import { Outlet, useParams } from '@tanstack/react-router'
import { createContext, useContext } from 'react'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Loaded } from '../../parts/Page'
import { ButtonTo, NavTo, To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

const Current = createContext<Schemas['Project'] | undefined>(undefined)

/** The project that the pages below show. */
export function useProject(): Schemas['Project'] {
  const project = useContext(Current)
  if (!project) throw new Error('this page is shown inside a project only')
  return project
}

const pages = [
  ['/$space/projects/$project', 'Overview'],
  ['/$space/projects/$project/process', 'Process'],
  ['/$space/projects/$project/variables', 'Variables'],
  ['/$space/projects/$project/templates', 'Variable templates'],
  ['/$space/projects/$project/releases', 'Releases'],
  ['/$space/projects/$project/channels', 'Channels'],
  ['/$space/projects/$project/settings', 'Settings'],
] as const

export function Project() {
  const space = useSpaceId()
  const { project: id } = useParams({ strict: false }) as { project: string }
  const project = useGet('GET /api/{space}/projects/{id}', { id })
  return (
    <Loaded of={project}>
      {(p) => (
        <Current value={p}>
          <Group align="flex-start" wrap="nowrap" gap="lg">
            <Box w={168} style={{ flex: 'none' }}>
              <Text size="xs">
                <To to="/$space/projects" params={{ space }} size="xs">
                  Projects
                </To>
              </Text>
              <Text fw={650} fz={16} mb={4} truncate title={p.Name}>
                {p.Name}
              </Text>
              <Box component="nav" aria-label="Project">
                {pages.map(([to, label]) => (
                  <NavTo key={to} to={to} params={{ space, project: id }} label={label} activeOptions={{ exact: label === 'Overview', includeSearch: false }} activeProps={{ active: true }} />
                ))}
              </Box>
              <ButtonTo to="/$space/projects/$project/releases/new" params={{ space, project: id }} fullWidth mt="sm">
                Create a release
              </ButtonTo>
            </Box>
            <Box style={{ flex: 1, minWidth: 0 }}>
              <Outlet />
            </Box>
          </Group>
        </Current>
      )}
    </Loaded>
  )
}
