import { Box, Button, Checkbox, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../api/client'
import { Mark } from '../layout/Mark'
import { Failure } from '../parts/Page'
import { sessionKey } from './session'

export function SignIn() {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [remember, setRemember] = useState(false)
  useEffect(() => {
    document.title = 'Sign in · Mantle'
  }, [])
  const signIn = useMutation({
    mutationFn: () => call('POST /api/users/login', { body: { Username: name, Password: password, RememberMe: remember } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionKey }),
  })
  return (
    <Box component="main" style={{ display: 'grid', placeItems: 'center', minHeight: '100vh', background: 'var(--soft)' }}>
      <Paper withBorder p="xl" w={360}>
        <form
          onSubmit={(e) => {
            e.preventDefault()
            signIn.mutate()
          }}
        >
          <Stack gap="sm">
            <Box style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
              <Mark size={30} />
              <h1>Sign in to Mantle</h1>
            </Box>
            <TextInput size="sm" label="User name" value={name} onChange={(e) => setName(e.currentTarget.value)} autoComplete="username" autoFocus required />
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
      </Paper>
    </Box>
  )
}
