import { Box, Button, Checkbox, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { call } from '../api/client'
import { Mark } from '../layout/Mark'
import { Dialog } from '../parts/Dialog'
import { Failure } from '../parts/Page'
import { sessionKey } from './session'

export function SignIn() {
  return (
    <Box component="main" style={{ display: 'grid', placeItems: 'center', minHeight: '100vh', background: 'var(--soft)' }}>
      <Paper withBorder p="xl" w={360}>
        <Form
          head={
            <Box style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
              <Mark size={30} />
              <h1>Sign in to Mantle</h1>
            </Box>
          }
        />
      </Paper>
    </Box>
  )
}

/** The session ended while somebody was at work: the page below stays as it is. */
export function SignInAgain() {
  return (
    <Dialog close={() => {}} title="Your session has ended" withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} size="sm">
      <Form head={<Text size="sm">Sign in again to go on. What you typed is kept.</Text>} />
    </Dialog>
  )
}

function Form({ head }: { head: ReactNode }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [remember, setRemember] = useState(false)
  useEffect(() => {
    const before = document.title
    document.title = 'Sign in · Mantle'
    return () => {
      document.title = before
    }
  }, [])
  const signIn = useMutation({
    mutationFn: () => call('POST /api/users/login', { body: { Username: name, Password: password, RememberMe: remember } }),
    // Whatever was refused meanwhile is asked for again.
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sessionKey })
      void client.invalidateQueries()
    },
  })
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        signIn.mutate()
      }}
    >
      <Stack gap="sm">
        {head}
        <TextInput size="sm" label="User name" value={name} onChange={(e) => setName(e.currentTarget.value)} autoComplete="username" autoFocus data-autofocus required />
        <PasswordInput size="sm" label="Password" value={password} onChange={(e) => setPassword(e.currentTarget.value)} autoComplete="current-password" required />
        <Checkbox label="Keep me signed in on this computer" checked={remember} onChange={(e) => setRemember(e.currentTarget.checked)} />
        <Failure error={signIn.error} />
        <Button size="sm" type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
        <Text size="xs" c="dimmed">
          The first start of a server prints the name and the password of its administrator. Lost it? <span className="mono">mantle admin --help</span> has the way back.
        </Text>
      </Stack>
    </form>
  )
}
