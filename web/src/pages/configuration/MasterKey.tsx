import { Button, Code, Group, PasswordInput, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Failure, Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { Time } from '../../parts/Time'

type Key = Schemas['MasterKey']

/** What has to be backed up, where the master key is, and whether a copy of it was shown to be the right one. */
export function MasterKey() {
  const key = useGet('GET /api/configuration/master-key')
  return (
    <Page title="Master key" note="It opens the secrets in the database. Whoever has lost it has lost them.">
      <Loaded of={key}>
        {(k) => (
          <Stack gap="md" maw={860}>
            <Checked of={k} />
            <TryCopy />
            <section aria-label="What to back up">
              <h2>What to back up</h2>
              <Table>
                <Table.Tbody>
                  {[
                    ['The database', 'with the tools of PostgreSQL; mantle.db of a single node while it is stopped', 'projects, releases, history, users: everything but files'],
                    ['The files', 'the places that the page Storage names', 'packages, artifacts and logs'],
                    ['The master key', 'apart from the other two: together they open every secret', 'secrets, and the identity towards agents'],
                  ].map(([what, how, without]) => (
                    <Table.Tr key={what}>
                      <Table.Td fw={600}>{what}</Table.Td>
                      <Table.Td>{how}</Table.Td>
                      <Table.Td>
                        <Text size="sm" c="dimmed">
                          without it are lost: {without}
                        </Text>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <Text size="sm" mt={4}>
                On a node: <Code>mantle master-key show</Code> prints the key, <Code>mantle master-key verify</Code> says whether a copy is the right one, <Code>mantle master-key rotate</Code> replaces it while everything runs.
              </Text>
            </section>
            <Holders of={k} />
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}

function Checked({ of }: { of: Key }) {
  const checked = of.Checked as Schemas['KeyCheck'] | null
  if (!checked) return <State state="HasWarnings" word="Nobody has shown yet that there is a copy of the key. Try yours below." />
  if (!checked.IsCurrent) return <State state="HasWarnings" word={`The copy that was tried last is of another key, ${checked.KeyId}: this one has been rotated since. Try a new copy below.`} />
  return (
    <Text size="sm" component="div">
      <State state="Healthy" word="A copy of the key was found to be the right one" /> <Time at={checked.At} />, by {checked.By}.
    </Text>
  )
}

function TryCopy() {
  const [copy, setCopy] = useState('')
  const check = useWrite('POST /api/configuration/master-key/check', () => setCopy(''))
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        check.mutate({ body: { Key: copy } })
      }}
    >
      <Group align="flex-end">
        <PasswordInput label="A copy of the key" description="From where you keep it, not from the server. It is compared, and not kept." value={copy} onChange={(e) => setCopy(e.currentTarget.value)} required autoComplete="off" w={440} />
        <Button type="submit" loading={check.isPending}>
          Try the copy
        </Button>
      </Group>
      <Failure error={check.error} />
    </form>
  )
}

function Holders({ of }: { of: Key }) {
  return (
    <section aria-label="Nodes">
      <h2>The key in force</h2>
      <Text size="sm">
        It is called <Code>{of.KeyId}</Code>, which gives nothing of it away.{of.NextKeyId ? ` A rotation to ${of.NextKeyId} is under way.` : ''}
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Node</Table.Th>
            <Table.Th>Has the key</Table.Th>
            <Table.Th>From</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.Holders.map((h) => (
            <Table.Tr key={h.Node}>
              <Table.Td>{h.Node}</Table.Td>
              <Table.Td className="mono">{h.KeyId}</Table.Td>
              <Table.Td>
                {h.Origin === 'setting' ? 'a setting: --master-key or MANTLE_MASTER_KEY' : h.Origin === 'file' ? 'master.key in its data directory' : ''}
                {h.Problem && (
                  <Text size="xs" c="var(--fail)">
                    {h.Problem}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
