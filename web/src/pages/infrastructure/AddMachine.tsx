import { Alert, Button, Code, CopyButton, Group, MultiSelect, NativeSelect, Radio, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Failure, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { useFilter } from '../../parts/filter'
import { To } from '../../parts/link'
import { useSession } from '../../session/session'
import { useSpaceId } from '../../session/space'
import { ByAddress } from './ByAddress'
import { appeared, joinCommand } from './join'

export function AddMachinePage() {
  const { worker } = useSearch({ strict: false }) as { worker?: boolean }
  const [by, setBy] = useFilter('by', 'command')
  return (
    <Page title={worker ? 'Add a worker' : 'Add a machine'} note={by === 'address' ? 'Its agent is installed and listens. The server calls it.' : 'Run one command on it. It appears here by itself.'}>
      <Radio.Group label="How it is added" value={by} onChange={(v) => setBy(v === 'command' ? null : v)}>
        <Group gap="md" mt={4}>
          <Radio size="xs" value="command" label="By a command that runs on it" />
          <Radio size="xs" value="address" label="By its address: an agent listens there already" />
        </Group>
      </Radio.Group>
      {by === 'address' ? <ByAddress worker={worker ?? false} /> : <AddMachine worker={worker ?? false} />}
    </Page>
  )
}

/** Shows the one command that makes a machine known, and the machine when it comes. */
export function AddMachine({ worker, environment, role, found }: { worker: boolean; environment?: string; role?: string; found?: (id: string) => void }) {
  const space = useSpaceId()
  const session = useSession()
  const spaces = useGet('GET /api/spaces/all')
  const environments = useGet('GET /api/{space}/environments/all')
  const pools = useGet('GET /api/{space}/workerpools/all')
  const roles = useGet('GET /api/{space}/machineroles/all')
  const machines = useGet('GET /api/{space}/machines/all', {}, { enabled: !worker })
  const workers = useGet('GET /api/{space}/workers/all', {}, { enabled: worker })
  const [chosen, setChosen] = useState<string[]>(environment ? [environment] : [])
  const [labels, setLabels] = useState<string[]>(role ? [role] : [])
  const [pool, setPool] = useState('')
  const [style, setStyle] = useState('polling')
  const [name, setName] = useState('')
  const [before, setBefore] = useState<ReadonlySet<string>>()
  const list: (Schemas['Machine'] | Schemas['Worker'])[] | undefined = worker ? workers.data : machines.data
  const create = useWrite('POST /api/users/{id}/apikeys')
  const here = spaces.data?.find((s) => s.Id === space || s.Slug === space)
  const nameOf = (id: string) => environments.data?.find((e) => e.Id === id)?.Name ?? id
  const key = create.data?.ApiKey
  const command = useMemo(
    () =>
      joinCommand({
        server: window.location.origin, key: key ?? '', polling: style === 'polling', name,
        space: here && !here.IsDefault ? here.Name : '',
        environments: worker ? [] : chosen.map(nameOf), roles: worker ? [] : labels,
        pools: worker ? [pools.data?.find((p) => p.Id === pool)?.Name ?? pools.data?.[0]?.Name ?? ''] : [],
      }),
    [key, style, name, here, chosen, labels, pool, pools.data, worker, environments.data],
  )
  const complete = worker || (chosen.length > 0 && labels.length > 0)
  const make = async () => {
    setBefore(new Set((list ?? []).map((m) => m.Id)))
    const user = session.data?.user
    if (user) await create.mutateAsync({ id: user.Id, body: { Purpose: 'Add a machine (for one hour)', Expires: new Date(Date.now() + 3_600_000).toISOString() } })
  }
  const news = appeared(before, list ?? [])
  const healthy = news.some((m) => m.HealthStatus === 'Healthy' || m.HealthStatus === 'HasWarnings')
  return (
    <Stack gap="sm" maw={820}>
      <Group align="flex-start" grow>
        {worker ? (
          <NativeSelect label="Worker pool" value={pool} onChange={(e) => setPool(e.currentTarget.value)} data={(pools.data ?? []).map((p) => ({ value: p.Id, label: p.Name }))} />
        ) : (
          <>
            <MultiSelect label="Environments" data={(environments.data ?? []).map((e) => ({ value: e.Id, label: e.Name }))} value={chosen} onChange={setChosen} required />
            <TagsInput label="Roles" description="What it is for; steps name roles. Enter adds one." placeholder="web" data={roles.data ?? []} value={labels} onChange={setLabels} acceptValueOnBlur required />
          </>
        )}
        <TextInput label="Name" description="Left empty: the machine's own" value={name} onChange={(e) => setName(e.currentTarget.value)} />
      </Group>
      <Radio.Group label="How they reach each other" value={style} onChange={setStyle}>
        <Group gap="md" mt={4}>
          <Radio size="xs" value="polling" label="The agent calls the server: it opens no port" />
          <Radio size="xs" value="listening" label="The server calls the agent, on port 10933" />
        </Group>
      </Radio.Group>
      {!key && (
        <Group>
          <Button onClick={() => void make().catch(() => {})} disabled={!complete || list === undefined} loading={create.isPending}>
            Show the command
          </Button>
          {!complete && <Text size="sm" c="dimmed">Choose an environment and a role first.</Text>}
        </Group>
      )}
      <Failure error={create.error} />
      {key && (
        <div className={`panel addmachine ${healthy ? 'found' : ''}`} style={{ padding: 14 }} aria-live="polite">
          <Stack gap="xs">
            <Text size="sm">Run this on the machine, where the program mantle-agent is:</Text>
            <Code block fz={12.5} style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-all' }} data-testid="join-command">
              {command}
            </Code>
            <Group justify="space-between">
              <Text size="xs" c="dimmed">
                The key in it is yours, and ends in an hour. It is shown this once.
              </Text>
              <CopyButton value={command}>
                {({ copied, copy }) => (
                  <Button variant="default" onClick={copy}>
                    {copied ? 'Copied' : 'Copy'}
                  </Button>
                )}
              </CopyButton>
            </Group>
            {news.length === 0 ? (
              <State state="Running" word="Waiting for the machine …" />
            ) : (
              news.map((m) => (
                <Group key={m.Id} data-testid="found-machine">
                  <State state={m.HealthStatus} word={m.HealthStatus === 'Healthy' ? `${m.Name} is here, and healthy` : m.HealthStatus === 'Unknown' ? `${m.Name} is here; its health is being checked` : `${m.Name}: ${m.StatusSummary || m.HealthStatus}`} />
                  {worker ? (
                    <To to="/$space/infrastructure/workers/$machine" params={{ space, machine: m.Id }}>
                      Show it
                    </To>
                  ) : (
                    <To to="/$space/infrastructure/machines/$machine" params={{ space, machine: m.Id }}>
                      Show it
                    </To>
                  )}
                  {found && <Button onClick={() => found(m.Id)}>Go on</Button>}
                </Group>
              ))
            )}
            {news.length === 0 && window.location.hostname === 'localhost' && (
              <Alert variant="light" color="gray" p="xs">
                <Text size="xs" c="inherit">You opened this page as “localhost”: the command works on this computer. For another one, put the server's name into it.</Text>
              </Alert>
            )}
          </Stack>
        </div>
      )}
    </Stack>
  )
}
