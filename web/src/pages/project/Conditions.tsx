import { Group, MultiSelect, NativeSelect, Stack, Switch, TextInput, Textarea } from '@mantine/core'
import { useGet } from '../../api/hooks'
import { useProject } from './Project'
import { textOf } from './beginning'
import type { Action, Step } from './beginning'
import { withProperties } from './steps'

/** When a step runs, and where not. */
export function Conditions({ step, action, first, change, setAction }: { step: Step; action: Action; first: boolean; change: (s: Step) => void; setAction: (f: (a: Action) => Action) => void }) {
  const p = useProject()
  const environments = useGet('GET /api/{space}/environments/all')
  const channels = useGet('GET /api/{space}/projects/{id}/channels', { id: p.Id, query: { take: 1000 } })
  const places = (environments.data ?? []).map((e) => ({ value: e.Id, label: e.Name }))
  const tags = useGet('GET /api/{space}/tagsets/all')
  const tagged = (tags.data ?? []).flatMap((s) => s.Tags.map((x) => ({ value: x.CanonicalTagName, label: x.CanonicalTagName })))
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
          <NativeSelect
            label="Packages are fetched"
            value={step.PackageRequirement}
            onChange={(e) => change({ ...step, PackageRequirement: e.currentTarget.value })}
            data={[
              { value: 'LetOctopusDecide', label: 'When the first step needs one' },
              { value: 'BeforePackageAcquisition', label: 'After this step' },
              { value: 'AfterPackageAcquisition', label: 'Before this step' },
            ]}
            w={230}
          />
          <Switch mt={26} label="May not be skipped" checked={action.IsRequired} onChange={(e) => setAction((a) => ({ ...a, IsRequired: e.target.checked }))} />
        </Group>
        {step.Condition === 'Variable' && (
          <TextInput label="Expression" description="It runs where this comes out as true" value={textOf(step.Properties['Octopus.Step.ConditionVariableExpression'])} onChange={(e) => change(withProperties(step, { 'Octopus.Step.ConditionVariableExpression': e.currentTarget.value }))} required />
        )}
        <Group grow align="flex-start">
          <MultiSelect label="Only in these environments" data={places} value={action.Environments} onChange={(v) => setAction((a) => ({ ...a, Environments: v }))} clearable />
          <MultiSelect label="Not in these environments" data={places} value={action.ExcludedEnvironments} onChange={(v) => setAction((a) => ({ ...a, ExcludedEnvironments: v }))} clearable />
          {kindsOfChannel.length > 1 && <MultiSelect label="Only in these channels" data={kindsOfChannel} value={action.Channels} onChange={(v) => setAction((a) => ({ ...a, Channels: v }))} clearable />}
          {tagged.length > 0 && <MultiSelect label="Only for tenants with these tags" data={tagged} value={action.TenantTags} onChange={(v) => setAction((a) => ({ ...a, TenantTags: v }))} clearable />}
        </Group>
        <Textarea label="Notes" autosize value={action.Notes ?? ''} onChange={(e) => setAction((a) => ({ ...a, Notes: e.target.value || null }))} />
      </Stack>
    </details>
  )
}
