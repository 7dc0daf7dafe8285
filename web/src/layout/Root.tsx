import { Box, Button, Center, Loader, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useParams } from '@tanstack/react-router'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Events } from '../api/events'
import type { Liveness } from '../api/events'
import { Failed } from '../api/client'
import type { Schemas } from '../api/schema'
import { Empty, Failure } from '../parts/Page'
import { ButtonTo } from '../parts/link'
import { SignIn, SignInAgain } from '../session/SignIn'
import { sessionKey, useSession } from '../session/session'
import { lastSpace, rememberSpace } from '../session/space'
import { Shell } from './Shell'

/** The session first, then the page inside the shell. */
export function Root() {
  const session = useSession()
  const client = useQueryClient()
  const user = session.data?.user?.Id
  const [liveness, setLiveness] = useState<Liveness>('connecting')

  useEffect(() => {
    if (!user) return undefined
    const events = new Events(client, setLiveness)
    events.start()
    return () => events.stop()
  }, [client, user])

  // A session that ended is seen by whichever call comes first.
  useEffect(() => {
    const look = (error: unknown) => {
      if (error instanceof Failed && error.status === 401) void client.invalidateQueries({ queryKey: sessionKey })
    }
    const reads = client.getQueryCache().subscribe((e) => e.type === 'updated' && e.action.type === 'error' && look(e.action.error))
    const writes = client.getMutationCache().subscribe((e) => e.type === 'updated' && e.action.type === 'error' && look(e.action.error))
    return () => {
      reads()
      writes()
    }
  }, [client])

  // Whose page it is. When the session ends, the page stays as it is, with what was typed, below the sign-in.
  const [owner, setOwner] = useState<Schemas['User']>()
  const signedIn = session.data?.user
  useEffect(() => {
    if (!signedIn) return
    if (owner && owner.Id !== signedIn.Id) window.location.reload() // somebody else: nothing of the page is theirs
    else setOwner(signedIn)
  }, [signedIn, owner])

  const { space } = useParams({ strict: false }) as { space?: string }
  useEffect(() => {
    if (space && user) rememberSpace(space)
  }, [space, user])

  if (session.isPending)
    return (
      <Center mih="100vh">
        <Loader size="sm" aria-label="Loading" />
      </Center>
    )
  if (!session.data)
    return (
      <Box maw={560} mx="auto" mt={80}>
        <Failure error={session.error} again={() => void session.refetch()} />
      </Box>
    )
  const shown = session.data.user ?? owner
  if (!shown) return <SignIn />
  return (
    <Shell user={shown} version={session.data.root.Version} liveness={liveness}>
      <Outlet />
      {!session.data.user && <SignInAgain />}
    </Shell>
  )
}

export function Nowhere() {
  return (
    <Empty
      title="There is no page at this address"
      action={
        <ButtonTo to="/$space" params={{ space: lastSpace() }}>
          To the dashboard
        </ButtonTo>
      }
    >
      The link may be old, or what it led to was deleted.
    </Empty>
  )
}

/** A page that broke takes only itself along. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Stack p="md" maw={640}>
      <h1>This page broke</h1>
      <Text size="sm" className="mono">
        {message}
      </Text>
      <Button w="fit-content" onClick={() => (/import|fetch|module/i.test(message) ? window.location.reload() : reset())}>
        Load it again
      </Button>
    </Stack>
  )
}
