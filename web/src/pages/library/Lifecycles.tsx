import { Button, Group, MultiSelect, NativeSelect, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'

type Lifecycle = Schemas['Lifecycle']
type Phase = Schemas['Phase']
type Kept = Schemas['Retention']

const forever: Kept = { Strategy: 'Forever', Unit: 'Items', QuantityToKeep: 0, ShouldKeepForever: true }

/** How long something is kept: for ever, so many of them, or for so many days. */
function Keep({ label, kept, set }: { label: string; kept: Kept | undefined; set: (k: Kept) => void }) {
  const k = kept ?? forever
  const value = k.ShouldKeepForever || k.QuantityToKeep === 0 ? 'Forever' : k.Unit
  return (
    <Group align="flex-end">
      <NativeSelect
        label={label}
        value={value}
        onChange={(e) => set(e.currentTarget.value === 'Forever' ? forever : { Strategy: 'Count', Unit: e.currentTarget.value, QuantityToKeep: k.QuantityToKeep || 3, ShouldKeepForever: false })}
        data={[
          { value: 'Forever', label: 'all of them' },
          { value: 'Items', label: 'a number of them' },
          { value: 'Days', label: 'a number of days' },
        ]}
      />
      {value !== 'Forever' && <NumberInput aria-label={`${label}: how many`} min={1} value={k.QuantityToKeep} onChange={(v) => set({ ...k, QuantityToKeep: Number(v) || 1 })} w={90} />}
    </Group>
  )
}

/** A picture of the phases: in which order a release passes which environments. */
function Phases({ lifecycle, names }: { lifecycle: Lifecycle; names: Map<string, string> }) {
  if (lifecycle.Phases.length === 0) return <Text size="sm" c="dimmed">every environment, one after the other</Text>
  return (
    <div className="phases">
      {lifecycle.Phases.map((p, i) => (
        <Group key={p.Id} gap={0} wrap="nowrap">
          {i > 0 && <span className="arrow">→</span>}
          <div className="phase">
            <Text size="sm" fw={600}>
              {p.Name}
            </Text>
            <Text size="xs" c="dimmed">
              {p.IsOptionalPhase ? 'may be left out' : p.MinimumEnvironmentsBeforePromotion > 0 ? `at least ${p.MinimumEnvironmentsBeforePromotion}` : 'all of'}
            </Text>
            {p.AutomaticDeploymentTargets.map((e) => (
              <Text key={e} size="sm">
                {names.get(e) ?? e} (by itself)
              </Text>
            ))}
            {p.OptionalDeploymentTargets.map((e) => (
              <Text key={e} size="sm">
                {names.get(e) ?? e}
              </Text>
            ))}
          </div>
        </Group>
      ))}
    </div>
  )
}

export function Lifecycles() {
  const environments = useGet('GET /api/{space}/environments/all')
  const names = new Map((environments.data ?? []).map((e) => [e.Id, e.Name]))
  const places = [...names].map(([value, label]) => ({ value, label }))
  return (
    <Crud<Lifecycle>
      noun="lifecycles"
      title="Lifecycles"
      note="The way of a release through the environments."
      one="lifecycle"
      size="lg"
      columns={[
        ['Name', (l) => l.Name],
        ['Phases', (l) => <Phases lifecycle={l} names={names} />],
      ]}
      fresh={() => ({ Name: '', Phases: [] })}
      form={(l, set) => {
        const phases = l.Phases ?? []
        const change = (i: number, part: Partial<Phase>) => set({ Phases: phases.map((p, n) => (n === i ? { ...p, ...part } : p)) })
        return (
          <>
            <TextInput label="Name" value={l.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
            <TextInput label="Description" value={l.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
            <Group>
              <Keep label="Releases kept" kept={l.ReleaseRetentionPolicy} set={(k) => set({ ReleaseRetentionPolicy: k })} />
              <Keep label="Files kept on machines" kept={l.TentacleRetentionPolicy} set={(k) => set({ TentacleRetentionPolicy: k })} />
            </Group>
            {phases.map((p, i) => (
              <Stack key={p.Id || i} gap={6} className="panel" p="sm">
                <Group align="flex-end" justify="space-between">
                  <TextInput label={`Phase ${i + 1}`} value={p.Name} onChange={(e) => change(i, { Name: e.currentTarget.value })} required />
                  <Button variant="default" onClick={() => set({ Phases: phases.filter((_, n) => n !== i) })}>
                    Remove
                  </Button>
                </Group>
                <MultiSelect label="Environments" data={places} value={p.OptionalDeploymentTargets} onChange={(v) => change(i, { OptionalDeploymentTargets: v })} />
                <MultiSelect label="Environments to which it goes by itself" data={places} value={p.AutomaticDeploymentTargets} onChange={(v) => change(i, { AutomaticDeploymentTargets: v })} />
                <Group align="flex-end">
                  <NumberInput label="Before the next phase, at least" description="0: all of them" min={0} value={p.MinimumEnvironmentsBeforePromotion} onChange={(v) => change(i, { MinimumEnvironmentsBeforePromotion: Number(v) })} />
                  <Switch label="May be left out" checked={p.IsOptionalPhase} onChange={(e) => change(i, { IsOptionalPhase: e.currentTarget.checked })} />
                </Group>
              </Stack>
            ))}
            <Button variant="default" onClick={() => set({ Phases: [...phases, { Id: '', Name: `Phase ${phases.length + 1}`, AutomaticDeploymentTargets: [], OptionalDeploymentTargets: [], MinimumEnvironmentsBeforePromotion: 0, IsOptionalPhase: false, IsPriorityPhase: false } as unknown as Phase] })}>
              Add a phase
            </Button>
          </>
        )
      }}
    />
  )
}
