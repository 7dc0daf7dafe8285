import { ActionIcon, AppShell, Box, Button, Group, Menu, NativeSelect, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHelp, IconLogout, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import type { ReactNode } from 'react'
import type { Liveness } from '../api/events'
import { call } from '../api/client'
import { useGet } from '../api/hooks'
import type { Schemas } from '../api/schema'
import { useSpaceId } from '../session/space'
import { Mark } from './Mark'
import { useKeptFocus } from './focus'
import { places, useKeys } from './keys'

const Search = lazy(() => import('./Search').then((m) => ({ default: m.Search })))
const Help = lazy(() => import('./Help').then((m) => ({ default: m.Help })))

export function Shell({ user, version, liveness, children }: { user: Schemas['User']; version: string; liveness: Liveness; children: ReactNode }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const [searching, search] = useDisclosure()
  const [helping, help] = useDisclosure()
  useKeptFocus()
  useKeys({ search: search.open, help: help.open, go: (to) => void navigate({ to: to as '/$space', params: { space } }) })
  return (
    <AppShell header={{ height: 48 }} padding="md">
      <a className="skip" href="#page">
        To the page
      </a>
      <AppShell.Header>
        <div className="top">
          <Link to="/$space" params={{ space }} aria-label="Mantle, to the dashboard" style={{ display: 'flex', marginRight: 6 }}>
            <Mark />
          </Link>
          <Spaces space={space} />
          <Group component="nav" gap={2} wrap="nowrap" aria-label="Main">
            {places.map((p) => (
              <Link key={p.to} to={p.to} params={{ space }} className="place" activeOptions={{ exact: p.to === '/$space', includeSearch: false }}>
                {p.name}
              </Link>
            ))}
          </Group>
          <Box style={{ flex: 1 }} />
          <Live liveness={liveness} />
          <Button variant="default" leftSection={<IconSearch size={14} />} onClick={search.open} aria-label="Search" aria-haspopup="dialog" aria-keyshortcuts="/">
            Search <kbd style={{ marginLeft: 8, opacity: 0.8 }}>/</kbd>
          </Button>
          <Tooltip label="Keys and help (?)">
            <ActionIcon variant="subtle" color="gray" c="inherit" onClick={help.open} aria-label="Help" aria-haspopup="dialog">
              <IconHelp size={18} />
            </ActionIcon>
          </Tooltip>
          <Scheme />
          <Account user={user} version={version} />
        </div>
      </AppShell.Header>
      <AppShell.Main id="page" tabIndex={-1}>
        {children}
      </AppShell.Main>
      <Suspense>
        {searching && <Search close={search.close} />}
        {helping && <Help close={help.close} />}
      </Suspense>
    </AppShell>
  )
}

function Spaces({ space }: { space: string }) {
  const spaces = useGet('GET /api/spaces/all')
  const navigate = useNavigate()
  const list = spaces.data ?? []
  return (
    <NativeSelect
      aria-label="Space"
      value={list.find((s) => s.Id === space || s.Slug === space)?.Id ?? space}
      onChange={(e) => void navigate({ to: '/$space', params: { space: e.currentTarget.value } })}
      data={list.length > 0 ? list.map((s) => ({ value: s.Id, label: s.Name })) : [space]}
      maw={170}
    />
  )
}

function Live({ liveness }: { liveness: Liveness }) {
  if (liveness !== 'lost') return null
  return (
    <Tooltip label="The server does not answer. The page connects again by itself, and shows what it knew last.">
      <span className="state warn" role="status">
        Connecting again …
      </span>
    </Tooltip>
  )
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme()
  const now = useComputedColorScheme('light')
  const next = now === 'light' ? 'dark' : 'light'
  return (
    <Tooltip label={`Show in ${next} colours`}>
      <ActionIcon variant="subtle" color="gray" c="inherit" onClick={() => setColorScheme(next)} aria-label={`Show in ${next} colours`}>
        {now === 'light' ? <IconMoon size={18} /> : <IconSun size={18} />}
      </ActionIcon>
    </Tooltip>
  )
}

function Account({ user, version }: { user: Schemas['User']; version: string }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const leave = async (everywhere: boolean) => {
    if (everywhere) await call('POST /api/users/{id}/revoke-sessions', { id: user.Id })
    await call('POST /api/users/logout', { body: {} }).catch(() => {})
    window.location.assign('/app/')
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" c="inherit" leftSection={<IconUser size={16} />}>
          {user.DisplayName || user.Username}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void navigate({ to: '/$space/configuration/users/$user', params: { space, user: user.Id } })}>My account and API keys</Menu.Item>
        <Menu.Item onClick={() => void navigate({ to: '/$space/start', params: { space } })}>First steps</Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void leave(false)}>
          Sign out
        </Menu.Item>
        <Menu.Item onClick={() => void leave(true)}>Sign out everywhere</Menu.Item>
        <Menu.Label>API version {version}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  )
}
