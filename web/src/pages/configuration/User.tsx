import { Badge, Button, Code, Group, NativeSelect, PasswordInput, Stack, Table, Text, TextInput } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Failure, Loaded, Page } from '../../parts/Page'
import { Time } from '../../parts/Time'

/** A user: the teams, the API keys and the password. */
export function User() {
  const { user: id } = useParams({ strict: false }) as { user: string }
  const user = useGet('GET /api/users/{id}', { id })
  return <Loaded of={user}>{(u) => <Body key={u.Id} user={u} />}</Loaded>
}

function Body({ user }: { user: Schemas['User'] }) {
  const teams = useGet('GET /api/users/{id}/teams', { id: user.Id, query: { includeSystem: true } })
  const revoke = useWrite('POST /api/users/{id}/revoke-sessions')
  return (
    <Page
      title={user.DisplayName || user.Username}
      note={`${user.Username}${user.IsService ? ', a service account' : ''}`}
      actions={
        <Ask label="Sign out everywhere" title="End every session?" go="End them" onGo={() => revoke.mutateAsync({ id: user.Id, body: {} })} error={revoke.error}>
          <Text size="sm">Every browser in which {user.Username} is signed in has to sign in again. API keys go on working.</Text>
        </Ask>
      }
    >
      <Group gap={6}>
        <Text size="sm">Teams:</Text>
        {(teams.data ?? []).map((t) => (
          <Badge key={t.Id} color="gray" c="inherit">
            {t.Name}
          </Badge>
        ))}
      </Group>
      <Keys user={user} />
      {user.CanPasswordBeEdited && !user.IsService && <Password user={user} />}
    </Page>
  )
}

const lives = [
  { value: '1', label: 'for a day' },
  { value: '30', label: 'for 30 days' },
  { value: '180', label: 'for 180 days' },
  { value: '365', label: 'for a year' },
  { value: '', label: 'until it is revoked' },
]

function Keys({ user }: { user: Schemas['User'] }) {
  const keys = useGet('GET /api/users/{id}/apikeys', { id: user.Id })
  const [purpose, setPurpose] = useState('')
  const [days, setDays] = useState('180')
  const create = useWrite('POST /api/users/{id}/apikeys', () => setPurpose(''))
  const remove = useWrite('DELETE /api/users/{id}/apikeys/{key}')
  return (
    <section aria-label="API keys">
      <h2>API keys</h2>
      <form
        onSubmit={(e) => {
          e.preventDefault()
          create.mutate({ id: user.Id, body: { Purpose: purpose, Expires: days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : null } })
        }}
      >
        <Group align="flex-end" my="xs">
          <TextInput label="What for" value={purpose} onChange={(e) => setPurpose(e.currentTarget.value)} required />
          <NativeSelect label="It works" value={days} onChange={(e) => setDays(e.currentTarget.value)} data={lives} />
          <Button type="submit" loading={create.isPending}>
            New API key
          </Button>
        </Group>
      </form>
      <Failure error={create.error ?? remove.error} />
      {create.data && (
        <Stack gap={2} className="panel" p="sm" maw={560}>
          <Text size="sm">Keep it now: it is not shown again.</Text>
          <Code block>{create.data.ApiKey}</Code>
        </Stack>
      )}
      <Loaded of={keys} rows={2}>
        {(list) => (
          <Table maw={760}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What for</Table.Th>
                <Table.Th>Begins with</Table.Th>
                <Table.Th>Made</Table.Th>
                <Table.Th>Ends</Table.Th>
                <Table.Th aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.Items.map((k) => (
                <Table.Tr key={k.Id}>
                  <Table.Td>{k.Purpose}</Table.Td>
                  <Table.Td className="mono">{k.ApiKey.Hint}</Table.Td>
                  <Table.Td>
                    <Time at={k.Created} />
                  </Table.Td>
                  <Table.Td>
                    <Time at={k.Expires} none="never" />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Ask label="Revoke" title={`Revoke “${k.Purpose}”?`} go="Revoke it" danger onGo={() => remove.mutateAsync({ id: user.Id, key: k.Id })} error={remove.error}>
                      <Text size="sm">Whatever uses it is refused at once.</Text>
                    </Ask>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </section>
  )
}

function Password({ user }: { user: Schemas['User'] }) {
  const [password, setPassword] = useState('')
  const save = useWrite('PUT /api/users/{id}', () => setPassword(''))
  return (
    <section aria-label="Password">
      <h2>Password</h2>
      <form
        onSubmit={(e) => {
          e.preventDefault()
          save.mutate({ id: user.Id, body: { ...user, Password: password } })
        }}
      >
        <Group align="flex-end" mt="xs">
          <PasswordInput label="New password" value={password} onChange={(e) => setPassword(e.currentTarget.value)} autoComplete="new-password" required w={240} />
          <Button type="submit" loading={save.isPending}>
            Change it
          </Button>
          {save.isSuccess && <Text size="sm">It is changed.</Text>}
        </Group>
      </form>
      <Failure error={save.error} />
    </section>
  )
}
