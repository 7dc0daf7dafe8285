import { Button, Checkbox, Group, MultiSelect, NativeSelect, Stack, Switch, Table, Text, TextInput } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { State } from '../../parts/State'
import { useFilter } from '../../parts/filter'
import { ButtonTo } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { Prompts } from './Prompts'
import { useProject } from './Project'
import { whyNot } from './next'

export function Deploy() {
  const p = useProject()
  const { version } = useParams({ strict: false }) as { version: string }
  const release = useGet('GET /api/{space}/projects/{id}/releases/{version}', { id: p.Id, version })
  return <Loaded of={release}>{(r) => <Choice release={r} />}</Loaded>
}

function Choice({ release }: { release: Schemas['Release'] }) {
  const [chosen, choose] = useFilter('to')
  const space = useSpaceId()
  const p = useProject()
  const template = useGet('GET /api/{space}/releases/{id}/deployments/template', { id: release.Id })
  return (
    <Page title={`Deploy ${release.Version}`}>
      <Loaded of={template}>
        {(t) => {
          if (t.PromoteTo.length === 0)
            return (
              <Empty
                title="This release cannot be deployed now"
                action={
                  <ButtonTo to="/$space/projects/$project/releases/$version" params={{ space, project: p.Slug, version: release.Version }}>
                    How the release stands
                  </ButtonTo>
                }
              >
                Its lifecycle leads nowhere from where it is, it is blocked, or you may not deploy there. <NotNow release={release} offered={[]} />
              </Empty>
            )
          const to = chosen || t.PromoteTo[0]!.Id
          return (
            <Stack gap="md" maw={900}>
              <NativeSelect label="Environment" value={to} onChange={(e) => choose(e.currentTarget.value)} data={t.PromoteTo.map((e) => ({ value: e.Id, label: e.Name }))} maw={300} />
              <NotNow release={release} offered={t.PromoteTo.map((e) => e.Id)} />
              <Form release={release} environment={to} others={t.PromoteTo.filter((e) => e.Id !== to)} tenants={t.TenantPromotions} />
            </Stack>
          )
        }}
      </Loaded>
    </Page>
  )
}

/** Where the release cannot go now, and why not. */
function NotNow({ release, offered }: { release: Schemas['Release']; offered: string[] }) {
  const progression = useGet('GET /api/{space}/releases/{id}/progression', { id: release.Id })
  const environments = useGet('GET /api/{space}/environments/all')
  const defects = useGet('GET /api/{space}/releases/{id}/defects', { id: release.Id })
  const blocked = defects.data?.Items.some((d) => d.Status === 'Unresolved') ?? false
  const phases = progression.data?.Phases ?? []
  const list = (environments.data ?? [])
    .filter((e) => !offered.includes(e.Id))
    .map((e) => ({ name: e.Name, why: whyNot(e.Id, phases, [], blocked) }))
    .filter((x) => x.why !== '' && phases.length > 0)
  if (list.length === 0) return null
  return (
    <Text size="sm" c="dimmed" component="span">
      Not now: {list.map((x) => `${x.name} (${x.why})`).join(', ')}.
    </Text>
  )
}

function Form({ release, environment, others, tenants }: { release: Schemas['Release']; environment: string; others: Schemas['Promotion'][]; tenants: Schemas['TenantPromotion'][] }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const p = useProject()
  // One deployment for each environment and each tenant; the preview is of the first.
  const [chosenTenants, setTenants] = useState<string[]>([])
  const [also, setAlso] = useState<string[]>([])
  const tenant = chosenTenants[0] ?? ''
  const plain = useGet('GET /api/{space}/releases/{id}/deployments/preview/{environment}', { id: release.Id, environment }, { enabled: !tenant })
  const tenanted = useGet('GET /api/{space}/releases/{id}/deployments/preview/{environment}/{tenant}', { id: release.Id, environment, tenant }, { enabled: tenant !== '' })
  const asked = tenant ? tenanted : plain
  // The form stays while the preview of another choice is on its way: nothing in it loses the focus.
  const last = useRef(asked.data)
  if (asked.data) last.current = asked.data
  const preview = asked.error ? asked : { ...asked, data: last.current }
  const offered = tenants.filter((t) => t.PromoteTo.some((e) => e.Id === environment))
  const [values, setValues] = useState<Record<string, string>>({})
  const [skip, setSkip] = useState<ReadonlySet<string>>(new Set())
  const [only, setOnly] = useState<string[]>([])
  const [without, setWithout] = useState<string[]>([])
  const [later, setLater] = useState('')
  const [expires, setExpires] = useState('')
  const [comments, setComments] = useState('')
  const [force, setForce] = useState(false)
  const [again, setAgain] = useState(false)
  // Another environment has other machines and tenants; all else that was typed stays.
  const before = useRef(environment)
  useEffect(() => {
    if (before.current === environment) return
    before.current = environment
    setOnly([])
    setWithout([])
    setTenants([])
    setAlso([])
  }, [environment])
  const create = useWrite('POST /api/{space}/deployments')
  // What was made already is not made again when one of several is refused and tried again.
  const made = useRef(new Map<string, string>())
  return (
    <Loaded of={preview}>
      {(doc) => {
        const machines = new Map(doc.StepsToExecute.flatMap((s) => s.Machines).map((m) => [m.Id, m.Name]))
        const choices = [...machines].map(([value, label]) => ({ value, label }))
        const runs = [environment, ...also].flatMap((e) => (chosenTenants.length > 0 ? chosenTenants : [null]).map((t) => ({ EnvironmentId: e, TenantId: t })))
        const settings = {
          ReleaseId: release.Id, Comments: comments, SkipActions: [...skip], SpecificMachineIds: only, ExcludedMachineIds: without,
          UseGuidedFailure: doc.UseGuidedFailureModeByDefault, ForcePackageDownload: force, ForcePackageRedeployment: again, FormValues: { ...doc.Form.Values, ...values },
          QueueTime: later ? new Date(later).toISOString() : null, QueueTimeExpiry: expires ? new Date(expires).toISOString() : null,
        }
        const send = async () => {
          for (const run of runs) {
            const key = `${run.EnvironmentId} ${run.TenantId}`
            if (!made.current.has(key)) made.current.set(key, (await create.mutateAsync({ body: { ...run, ...settings } })).TaskId)
          }
          const [first = ''] = made.current.values()
          if (made.current.size === 1) await navigate({ to: '/$space/tasks/$task', params: { space, task: first } })
          else await navigate({ to: '/$space/tasks', params: { space }, search: { project: p.Id } })
        }
        return (
          <form
            onSubmit={(e) => {
              e.preventDefault()
              send().catch(() => {})
            }}
            // Enter in a list of several values chooses one, and never deploys.
            onKeyDown={(e) => e.key === 'Enter' && (e.target as HTMLElement).role === 'combobox' && e.preventDefault()}
          >
            <Stack gap="md">
              {offered.length > 0 && (
                <MultiSelect label="Tenants" description="A deployment for each" placeholder={chosenTenants.length ? '' : 'without a tenant'} value={chosenTenants} onChange={setTenants} data={offered.map((t) => ({ value: t.Id, label: t.Name }))} searchable clearable maw={480} />
              )}
              {others.length > 0 && only.length + without.length === 0 && (
                <MultiSelect label="Also to" description="With the same choices: a deployment for each" value={also} onChange={setAlso} data={others.map((e) => ({ value: e.Id, label: e.Name }))} clearable maw={480} />
              )}
              <Prompts elements={doc.Form.Elements} values={{ ...doc.Form.Values, ...values }} set={(name, v) => setValues((old) => ({ ...old, [name]: v }))} />
              <Table>
                <caption style={{ captionSide: 'top', textAlign: 'left', fontWeight: 600, fontSize: 15 }}>What will run</caption>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th w={60}>Run</Table.Th>
                    <Table.Th>Step</Table.Th>
                    <Table.Th>Where</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {doc.StepsToExecute.map((s) => (
                    <Table.Tr key={s.ActionId}>
                      <Table.Td>
                        <Checkbox aria-label={`Run ${s.ActionName}`} checked={!skip.has(s.ActionId) && !s.IsDisabled} disabled={!s.CanBeSkipped || s.IsDisabled} onChange={() => setSkip((old) => flipped(old, s.ActionId))} />
                      </Table.Td>
                      <Table.Td>
                        {s.ActionNumber}. {s.ActionName}
                      </Table.Td>
                      <Table.Td>
                        <Where step={s} tenant={offered.find((t) => t.Id === tenant)?.Name ?? ''} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <Group align="flex-start">
                <TextInput type="datetime-local" label="When" description="Left empty: now" value={later} onChange={(e) => setLater(e.currentTarget.value)} />
                {later && <TextInput type="datetime-local" label="Not after" description="Given up when it has not begun" value={expires} onChange={(e) => setExpires(e.currentTarget.value)} />}
                <TextInput label="Comment" description="For the history" value={comments} onChange={(e) => setComments(e.currentTarget.value)} w={320} />
              </Group>
              {choices.length > 1 && also.length === 0 && (
                <Group align="flex-start" grow>
                  <MultiSelect label="Only to these machines" data={choices} value={only} onChange={setOnly} searchable clearable />
                  <MultiSelect label="Not to these machines" data={choices} value={without} onChange={setWithout} searchable clearable />
                </Group>
              )}
              <Switch label="Fetch packages again" checked={force} onChange={(e) => setForce(e.currentTarget.checked)} />
              <Switch label="Deploy packages again that a machine has already" checked={again} onChange={(e) => setAgain(e.currentTarget.checked)} />
              <Failure error={create.error} />
              <Group>
                <Button type="submit" loading={create.isPending} disabled={!asked.data}>
                  {later ? 'Schedule' : 'Deploy'}
                  {runs.length > 1 ? `, ${runs.length} times` : ''}
                </Button>
              </Group>
            </Stack>
          </form>
        )
      }}
    </Loaded>
  )
}

const flipped = (old: ReadonlySet<string>, id: string) => {
  const next = new Set(old)
  if (!next.delete(id)) next.add(id)
  return next
}

function Where({ step, tenant }: { step: Schemas['PreviewStep']; tenant: string }) {
  if (step.IsDisabled) return <Text size="sm">disabled</Text>
  if (step.HasNoApplicableMachines)
    return (
      <Text size="sm" c="var(--warn)">
        There is no machine with the role {step.Roles.join(' or ')} {tenant ? `for ${tenant} ` : ''}in this environment: the step would do nothing.
      </Text>
    )
  if (step.Machines.length === 0) return <Text size="sm">{step.Roles.length ? step.Roles.join(', ') : 'the server, or a worker'}</Text>
  return (
    <Group gap="sm">
      {step.Machines.map((m) => (
        <State key={m.Id} state={m.HealthStatus} word={m.Name} />
      ))}
      {step.UnavailableMachines.map((m) => (
        <State key={m.Id} state="Unavailable" word={`${m.Name} (not available)`} />
      ))}
    </Group>
  )
}
