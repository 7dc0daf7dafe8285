import { Autocomplete, Button, Group, MultiSelect, NativeSelect, NumberInput, Radio, Skeleton, Stack, Switch, TagsInput, Text, TextInput, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Suspense, lazy } from 'react'
import { useGet } from '../../api/hooks'
import { useProject } from './Project'
import { packageType, roles, scriptType, textOf } from './beginning'
import type { Action, Step } from './beginning'
import { renamed, withAction, withProperties } from './steps'

const Editor = lazy(() => import('../../parts/Editor'))
const prop = (name: string) => `Octopus.Action.${name}`

interface Props {
  step: Step
  first: boolean
  change: (next: Step) => void
  copy: () => void
  remove: () => void
}

export function StepForm({ step, first, change, copy, remove }: Props) {
  const action = step.Actions[0]
  if (!action) return null
  const setAction = (f: (a: Action) => Action) => change(withAction(step, f))
  const set = (values: Record<string, string>) => setAction((a) => withProperties(a, values))
  return (
    <Stack gap="sm" p="md">
      <Group justify="space-between" align="flex-end" wrap="nowrap">
        <TextInput label="Name" value={step.Name} onChange={(e) => change(renamed(step, e.currentTarget.value))} required w={360} />
        <Group gap="xs">
          <Switch label="Enabled" checked={!action.IsDisabled} onChange={(e) => setAction((a) => ({ ...a, IsDisabled: !e.target.checked }))} />
          <Button variant="default" onClick={copy}>
            Copy
          </Button>
          <Button variant="default" onClick={remove}>
            Remove
          </Button>
        </Group>
      </Group>
      {step.Actions.length > 1 && <Text size="sm" c="dimmed">This step has {step.Actions.length} actions. The first is shown; the others are kept as they are.</Text>}
      <Where step={step} action={action} change={change} />
      {action.ActionType === scriptType && <Script action={action} set={set} />}
      {action.ActionType === packageType && <PackageForm action={action} set={set} setAction={setAction} />}
      {action.ActionType !== scriptType && action.ActionType !== packageType && <Other action={action} set={set} />}
      <Conditions step={step} action={action} first={first} change={change} setAction={setAction} />
    </Stack>
  )
}

/** Where it runs: on the machines of a role, or on the server or a worker. */
function Where({ step, action, change }: { step: Step; action: Action; change: (s: Step) => void }) {
  const known = useGet('GET /api/{space}/machineroles/all')
  const pools = useGet('GET /api/{space}/workerpools/all')
  const given = textOf(step.Properties[roles])
  const list = given ? given.split(',').map((r) => r.trim()).filter(Boolean) : []
  const onServer = /^true$/i.test(textOf(action.Properties[prop('RunOnServer')]))
  const onMachines = action.ActionType === packageType || roles in step.Properties || !onServer
  const scripted = action.ActionType === scriptType
  const choose = (where: string) => {
    const machines = where === 'machines'
    const next = withAction(step, (a) => withProperties(a, { [prop('RunOnServer')]: machines ? 'false' : 'true' }))
    change({ ...next, Properties: machines ? { ...step.Properties, [roles]: given } : Object.fromEntries(Object.entries(step.Properties).filter(([n]) => n !== roles)) })
  }
  return (
    <Stack gap={6}>
      {scripted && (
        <Radio.Group label="Where" value={onMachines ? 'machines' : 'server'} onChange={choose}>
          <Group gap="md">
            <Radio size="xs" value="machines" label="On each machine of a role" />
            <Radio size="xs" value="server" label="Once, on the server or a worker" />
          </Group>
        </Radio.Group>
      )}
      {onMachines ? (
        <Group align="flex-start">
          <TagsInput
            label="Roles"
            description="Machines with one of these roles, in the environment"
            value={list}
            onChange={(v) => change({ ...step, Properties: { ...step.Properties, [roles]: v.join(',') } })}
            data={known.data ?? []}
            w={360}
            error={list.length === 0 ? 'Name at least one role' : undefined}
          />
          <NumberInput
            label="At the same time"
            description="Machines; left empty: all"
            min={1}
            value={textOf(step.Properties[prop('MaxParallelism')])}
            onChange={(v) => change(withProperties(step, { [prop('MaxParallelism')]: String(v) }))}
            w={170}
          />
        </Group>
      ) : (
        <NativeSelect
          label="Worker pool"
          value={action.WorkerPoolId ?? ''}
          onChange={(e) => change(withAction(step, (a) => ({ ...a, WorkerPoolId: e.currentTarget.value || null })))}
          data={[{ value: '', label: 'The default pool; the server itself while it has no workers' }, ...(pools.data ?? []).map((p) => ({ value: p.Id, label: p.Name }))]}
          maw={420}
        />
      )}
    </Stack>
  )
}

const syntaxes = ['Bash', 'PowerShell', 'Python', 'CSharp', 'FSharp']

function Script({ action, set }: { action: Action; set: (values: Record<string, string>) => void }) {
  const syntax = textOf(action.Properties[prop('Script.Syntax')]) || 'Bash'
  const packaged = textOf(action.Properties[prop('Script.ScriptSource')]) === 'Package'
  return (
    <Stack gap={6}>
      <Group align="flex-end">
        <NativeSelect label="Language" value={syntax} onChange={(e) => set({ [prop('Script.Syntax')]: e.currentTarget.value })} data={syntaxes} w={150} />
        <TextInput label="Parameters" value={textOf(action.Properties[prop('Script.ScriptParameters')])} onChange={(e) => set({ [prop('Script.ScriptParameters')]: e.currentTarget.value })} w={280} />
      </Group>
      {packaged ? (
        <TextInput label="File in the package" value={textOf(action.Properties[prop('Script.ScriptFileName')])} onChange={(e) => set({ [prop('Script.ScriptFileName')]: e.currentTarget.value })} />
      ) : (
        <Suspense fallback={<Skeleton h={190} />}>
          <Editor label="Script" language={syntax} value={textOf(action.Properties[prop('Script.ScriptBody')])} change={(v) => set({ [prop('Script.ScriptBody')]: v })} />
        </Suspense>
      )}
    </Stack>
  )
}

const features = [
  ['Octopus.Features.SubstituteInFiles', 'Put variables into text files'],
  ['Octopus.Features.JsonConfigurationVariables', 'Put variables into JSON, YAML and XML files'],
  ['Octopus.Features.ConfigurationTransforms', 'Apply configuration transforms'],
  ['Octopus.Features.ConfigurationVariables', 'Put variables into .NET configuration files'],
  ['Octopus.Features.CustomScripts', 'Run scripts before and after'],
  ['Octopus.Features.CustomDirectory', 'Install into a directory of its own'],
] as const

function PackageForm({ action, set, setAction }: { action: Action; set: (values: Record<string, string>) => void; setAction: (f: (a: Action) => Action) => void }) {
  const feeds = useGet('GET /api/{space}/feeds/all')
  const main = action.Packages.find((p) => p.Name === '') ?? action.Packages[0]
  const feed = main?.FeedId || 'feeds-builtin'
  const id = main?.PackageId ?? ''
  const [term] = useDebouncedValue(id, 200)
  const found = useGet('GET /api/{space}/feeds/{id}/packages/search', { id: feed, query: { term, take: 20 } }, { keep: true })
  const on = textOf(action.Properties[prop('EnabledFeatures')]).split(',').filter(Boolean)
  const choose = (values: { FeedId?: string; PackageId?: string }) =>
    setAction((a) => {
      const next = withProperties(a, { [prop('Package.FeedId')]: values.FeedId ?? feed, [prop('Package.PackageId')]: values.PackageId ?? id })
      const whole = { Id: '', Name: '', AcquisitionLocation: 'Server', Properties: {}, Version: null, StepPackageInputsReferenceId: null, ...main, FeedId: values.FeedId ?? feed, PackageId: values.PackageId ?? id }
      return { ...next, Packages: [whole, ...a.Packages.filter((p) => p !== main)] }
    })
  const field = (name: string) => ({ value: textOf(action.Properties[prop(name)]), onChange: (e: { currentTarget: { value: string } }) => set({ [prop(name)]: e.currentTarget.value }) })
  return (
    <Stack gap={6}>
      <Group align="flex-start">
        <NativeSelect label="Feed" value={feed} onChange={(e) => choose({ FeedId: e.currentTarget.value })} data={(feeds.data ?? []).map((f) => ({ value: f.Id, label: f.Name }))} w={220} />
        <Autocomplete size="xs" label="Package" value={id} onChange={(v) => choose({ PackageId: v })} data={[...new Set((found.data?.Items ?? []).map((d) => d.Id))]} required w={320} error={id ? undefined : 'Name a package'} />
      </Group>
      <MultiSelect label="Features" data={features.map(([value, label]) => ({ value, label }))} value={on.filter((f) => features.some(([v]) => v === f))} onChange={(v) => set({ [prop('EnabledFeatures')]: [...v, ...on.filter((f) => !features.some(([k]) => k === f))].join(',') })} />
      {on.includes('Octopus.Features.SubstituteInFiles') && <Textarea label="Text files" description="One pattern a line, for example *.config" autosize {...field('SubstituteInFiles.TargetFiles')} />}
      {on.includes('Octopus.Features.JsonConfigurationVariables') && <Textarea label="Structured files" description="One pattern a line, for example appsettings.json" autosize {...field('Package.JsonConfigurationVariablesTargets')} />}
      {on.includes('Octopus.Features.ConfigurationTransforms') && <Textarea label="Further transforms" description="One a line: transform.config => target.config" autosize {...field('Package.AdditionalXmlConfigurationTransforms')} />}
      {on.includes('Octopus.Features.CustomDirectory') && <TextInput label="Directory" {...field('Package.CustomInstallationDirectory')} />}
      {on.includes('Octopus.Features.CustomScripts') &&
        (['PreDeploy', 'Deploy', 'PostDeploy'] as const).map((phase) => (
          <Stack key={phase} gap={2}>
            <Text size="xs" fw={500}>
              {phase === 'PreDeploy' ? 'Before' : phase === 'Deploy' ? 'In place' : 'After'} (Bash)
            </Text>
            <Suspense fallback={<Skeleton h={190} />}>
              <Editor label={`${phase} script`} language="Bash" value={textOf(action.Properties[prop(`CustomScripts.${phase}.sh`)])} change={(v) => set({ [prop(`CustomScripts.${phase}.sh`)]: v })} />
            </Suspense>
          </Stack>
        ))}
    </Stack>
  )
}

/** A type that has no form yet: its settings as they stand. */
function Other({ action, set }: { action: Action; set: (values: Record<string, string>) => void }) {
  return (
    <Stack gap={6}>
      <Text size="sm" c="var(--warn)">
        This server does not carry out steps of the type {action.ActionType}. Its settings are kept.
      </Text>
      {Object.entries(action.Properties).map(([name, value]) => (
        <TextInput key={name} label={name} value={textOf(value)} onChange={(e) => set({ [name]: e.currentTarget.value })} />
      ))}
    </Stack>
  )
}

function Conditions({ step, action, first, change, setAction }: { step: Step; action: Action; first: boolean; change: (s: Step) => void; setAction: (f: (a: Action) => Action) => void }) {
  const p = useProject()
  const environments = useGet('GET /api/{space}/environments/all')
  const channels = useGet('GET /api/{space}/projects/{id}/channels', { id: p.Id, query: { take: 1000 } })
  const places = (environments.data ?? []).map((e) => ({ value: e.Id, label: e.Name }))
  const kindsOfChannel = (channels.data?.Items ?? []).map((c) => ({ value: c.Id, label: c.Name }))
  return (
    <details open={step.Condition !== 'Success' || step.StartTrigger !== 'StartAfterPrevious' || action.Environments.length + action.ExcludedEnvironments.length + action.Channels.length > 0}>
      <summary>When it runs</summary>
      <Stack gap={6} mt="xs">
        <Group align="flex-start">
          <NativeSelect
            label="Condition"
            value={step.Condition}
            onChange={(e) => change({ ...step, Condition: e.currentTarget.value })}
            data={[
              { value: 'Success', label: 'The steps before have succeeded' },
              { value: 'Failure', label: 'A step before has failed' },
              { value: 'Always', label: 'Always' },
              { value: 'Variable', label: 'A variable says so' },
            ]}
            w={260}
          />
          {!first && (
            <NativeSelect
              label="Start"
              value={step.StartTrigger}
              onChange={(e) => change({ ...step, StartTrigger: e.currentTarget.value })}
              data={[
                { value: 'StartAfterPrevious', label: 'After the step before' },
                { value: 'StartWithPrevious', label: 'Together with the step before' },
              ]}
              w={230}
            />
          )}
          <Switch mt={26} label="May not be skipped" checked={action.IsRequired} onChange={(e) => setAction((a) => ({ ...a, IsRequired: e.target.checked }))} />
        </Group>
        {step.Condition === 'Variable' && (
          <TextInput label="Expression" description="It runs where this comes out as true" value={textOf(step.Properties['Octopus.Step.ConditionVariableExpression'])} onChange={(e) => change(withProperties(step, { 'Octopus.Step.ConditionVariableExpression': e.currentTarget.value }))} required />
        )}
        <Group grow align="flex-start">
          <MultiSelect label="Only in these environments" data={places} value={action.Environments} onChange={(v) => setAction((a) => ({ ...a, Environments: v }))} clearable />
          <MultiSelect label="Not in these environments" data={places} value={action.ExcludedEnvironments} onChange={(v) => setAction((a) => ({ ...a, ExcludedEnvironments: v }))} clearable />
          {kindsOfChannel.length > 1 && <MultiSelect label="Only in these channels" data={kindsOfChannel} value={action.Channels} onChange={(v) => setAction((a) => ({ ...a, Channels: v }))} clearable />}
        </Group>
        <Textarea label="Notes" autosize value={action.Notes ?? ''} onChange={(e) => setAction((a) => ({ ...a, Notes: e.target.value || null }))} />
      </Stack>
    </details>
  )
}
