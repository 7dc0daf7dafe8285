import { Button, Checkbox, Code, Group, MultiSelect, NativeSelect, NumberInput, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import { Failure } from '../../parts/Page'
import { useSpaceId } from '../../session/space'
import { agentAddress, sameThumbprint } from './join'

const choices = (list: { Id: string; Name: string }[] | undefined) => (list ?? []).map((x) => ({ value: x.Id, label: x.Name }))

/** Adds a machine or a worker whose agent listens: the server asks it for its thumbprint, a person compares it. */
export function ByAddress({ worker }: { worker: boolean }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const environments = useGet('GET /api/{space}/environments/all', {}, { enabled: !worker })
  const roles = useGet('GET /api/{space}/machineroles/all', {}, { enabled: !worker })
  const pools = useGet('GET /api/{space}/workerpools/all', {}, { enabled: worker })
  const policies = useGet('GET /api/{space}/machinepolicies/all')
  const proxies = useGet('GET /api/{space}/proxies/all')
  const server = useGet('GET /api/configuration/certificates/certificate-global')
  const [host, setHost] = useState('')
  const [port, setPort] = useState<number | string>(10933)
  const [proxy, setProxy] = useState('')
  const [thumbprint, setThumbprint] = useState('')
  const [found, setFound] = useState('')
  const [compared, setCompared] = useState(false)
  const [name, setName] = useState('')
  const [places, setPlaces] = useState<string[]>([])
  const [labels, setLabels] = useState<string[]>([])
  const [policy, setPolicy] = useState('')
  const ask = useWrite(worker ? 'GET /api/{space}/workers/discover' : 'GET /api/{space}/machines/discover', (answer) => {
    setThumbprint(answer.Thumbprint)
    setFound(answer.Thumbprint)
    setCompared(false)
  })
  const machine = useWrite('POST /api/{space}/machines', (m) => void navigate({ to: '/$space/infrastructure/machines/$machine', params: { space, machine: m.Id } }))
  const builder = useWrite('POST /api/{space}/workers', (w) => void navigate({ to: '/$space/infrastructure/workers/$machine', params: { space, machine: w.Id } }))
  // What the server was told by whoever listens there counts when somebody has compared it.
  const unsure = found !== '' && sameThumbprint(found, thumbprint) && !compared
  // Another address is another agent.
  const moved = (set: () => void) => {
    set()
    setFound('')
    if (found === thumbprint) setThumbprint('')
    ask.reset()
  }
  const lacks = !host.trim() ? 'Give its address first.' : !thumbprint.trim() ? 'Its thumbprint is missing: ask the agent, or type it.' : unsure ? 'Compare the thumbprint first.' : places.length === 0 ? (worker ? 'Choose a worker pool.' : 'Choose an environment.') : !worker && labels.length === 0 ? 'Give it a role.' : ''
  const add = () => {
    const both = {
      Name: name.trim() || host.trim(),
      MachinePolicyId: policy || (policies.data?.find((p) => p.IsDefault)?.Id ?? null),
      Endpoint: { CommunicationStyle: 'TentaclePassive', Uri: agentAddress(host, Number(port)), Thumbprint: thumbprint.trim(), ProxyId: proxy || null },
    }
    if (worker) builder.mutate({ body: { ...both, WorkerPoolIds: places } })
    else machine.mutate({ body: { ...both, EnvironmentIds: places, Roles: labels } })
  }
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        if (!lacks) add()
      }}
    >
      <Stack gap="sm" maw={820}>
        <Text size="sm">
          The agent has to listen, and to trust this server: <Code style={{ wordBreak: 'break-all' }}>{`mantle-agent configure --trust=${server.data?.Thumbprint ?? '…'}`}</Code>
        </Text>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <TextInput label="Host" description="Its name or address, as the server reaches it" value={host} onChange={(e) => moved(() => setHost(e.currentTarget.value))} required autoComplete="off" spellCheck={false} />
          <NumberInput label="Port" description="10933, where nobody chose another" min={1} max={65_535} allowDecimal={false} value={port} onChange={(v) => moved(() => setPort(v))} required />
          <NativeSelect label="Proxy" description="Through which the server reaches it" data={[{ value: '', label: 'none' }, ...choices(proxies.data)]} value={proxy} onChange={(e) => moved(() => setProxy(e.currentTarget.value))} />
        </Group>
        <Group align="flex-end">
          <TextInput label="Thumbprint" description={proxy ? 'An agent behind a proxy cannot be asked: type what mantle-agent show-thumbprint says' : 'Of the certificate that the agent shows'} value={thumbprint} onChange={(e) => setThumbprint(e.currentTarget.value)} required w={440} classNames={{ input: 'mono' }} autoComplete="off" spellCheck={false} />
          <Button variant="default" disabled={!host.trim() || !!proxy} loading={ask.isPending} onClick={() => ask.mutate({ query: { host: host.trim(), port: Number(port) } })}>
            Ask the agent
          </Button>
        </Group>
        <Failure error={ask.error} />
        {found !== '' && sameThumbprint(found, thumbprint) && (
          <div className="panel" style={{ padding: 14 }} role="status">
            <Stack gap="xs">
              <Text size="sm">
                Somebody answers there, with the thumbprint <Code data-testid="found-thumbprint">{found}</Code>. On the machine, <Code>mantle-agent show-thumbprint</Code> says the agent's own.
              </Text>
              <Checkbox label="They are the same: this is the agent that I mean" checked={compared} onChange={(e) => setCompared(e.currentTarget.checked)} />
            </Stack>
          </div>
        )}
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <TextInput label="Name" description="Left empty: the host" value={name} onChange={(e) => setName(e.currentTarget.value)} autoComplete="off" />
          {worker ? (
            <MultiSelect label="Worker pools" description="Which it works for" data={choices(pools.data)} value={places} onChange={setPlaces} required />
          ) : (
            <>
              <MultiSelect label="Environments" description="Where it belongs" data={choices(environments.data)} value={places} onChange={setPlaces} required />
              <TagsInput label="Roles" description="Steps name roles. Enter adds one." data={roles.data ?? []} value={labels} onChange={setLabels} acceptValueOnBlur required />
            </>
          )}
          <NativeSelect label="Policy" description="When it is checked, and how" data={choices(policies.data)} value={policy || (policies.data?.find((p) => p.IsDefault)?.Id ?? '')} onChange={(e) => setPolicy(e.currentTarget.value)} />
        </Group>
        <Group>
          <Button type="submit" disabled={!!lacks} loading={machine.isPending || builder.isPending}>
            {worker ? 'Add the worker' : 'Add the machine'}
          </Button>
          {lacks && (
            <Text size="sm" c="dimmed">
              {lacks}
            </Text>
          )}
        </Group>
        <Failure error={machine.error ?? builder.error} />
      </Stack>
    </form>
  )
}
