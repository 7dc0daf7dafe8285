import { Button, Group, MultiSelect, NativeSelect, NumberInput, Stack, Switch, TextInput } from '@mantine/core'
import type { Schemas } from '../../api/schema'
import { choiceOf, chosen, words } from './keeping'
import type { Choice, Kept, Standard } from './keeping'

type Phase = Schemas['Phase']

interface KeepProps {
  label: string
  kept: Kept | null | undefined
  set: (k: Kept | null) => void
  /** What the space says. */
  standard: Standard | undefined
  /** Of a phase: it may leave it to its lifecycle. */
  within?: boolean
}

/** How long something is kept: as the space says, or the lifecycle, for ever, so many of them, or for so many days. */
export function Keep({ label, kept, set, standard, within = false }: KeepProps) {
  const value = choiceOf(kept, within ? 'Lifecycle' : 'Default')
  const counted = value === 'Items' || value === 'Days'
  return (
    <Group align="flex-end" gap={6} wrap="nowrap">
      <NativeSelect
        label={label}
        value={value}
        onChange={(e) => set(chosen(e.currentTarget.value as Choice, kept))}
        data={[
          ...(within ? [{ value: 'Lifecycle', label: 'as the lifecycle says' }] : []),
          { value: 'Default', label: standard ? `as the space says: ${words(standard)}` : 'as the space says' },
          { value: 'Forever', label: 'all of them' },
          { value: 'Items', label: 'a number of them' },
          { value: 'Days', label: 'a number of days' },
        ]}
      />
      {counted && <NumberInput aria-label={`${label}: how many`} min={1} allowDecimal={false} value={kept?.QuantityToKeep ?? 1} onChange={(v) => kept && set({ ...kept, QuantityToKeep: Number(v) || 1 })} w={90} />}
    </Group>
  )
}

interface PhaseProps {
  phase: Phase
  number: number
  last: boolean
  places: { value: string; label: string }[]
  standards: { releases: Standard | undefined; files: Standard | undefined }
  change: (part: Partial<Phase>) => void
  by: (n: number) => void
  remove: () => void
}

/** A phase of a lifecycle: its environments, when it is done, and what it keeps. */
export function PhaseForm({ phase: p, number, last, places, standards, change, by, remove }: PhaseProps) {
  return (
    <Stack gap={6} className="panel" p="sm" role="group" aria-label={`Phase ${p.Name}`}>
      <Group align="flex-end" justify="space-between">
        <TextInput label={`Phase ${number}`} value={p.Name} onChange={(e) => change({ Name: e.currentTarget.value })} required />
        <Group gap={4}>
          <Button variant="default" disabled={number === 1} aria-label={`Move ${p.Name} up`} onClick={() => by(-1)}>
            ↑
          </Button>
          <Button variant="default" disabled={last} aria-label={`Move ${p.Name} down`} onClick={() => by(1)}>
            ↓
          </Button>
          <Button variant="default" aria-label={`Remove ${p.Name}`} onClick={remove}>
            Remove
          </Button>
        </Group>
      </Group>
      <MultiSelect label="Environments" data={places} value={p.OptionalDeploymentTargets} onChange={(v) => change({ OptionalDeploymentTargets: v })} />
      <MultiSelect label="Environments to which it goes by itself" data={places} value={p.AutomaticDeploymentTargets} onChange={(v) => change({ AutomaticDeploymentTargets: v })} />
      <Group align="flex-end">
        <NumberInput label="Before the next phase, at least" description="0: all of them" min={0} value={p.MinimumEnvironmentsBeforePromotion} onChange={(v) => change({ MinimumEnvironmentsBeforePromotion: Number(v) })} />
        <Switch label="May be left out" checked={p.IsOptionalPhase} onChange={(e) => change({ IsOptionalPhase: e.currentTarget.checked })} />
      </Group>
      <Group>
        <Keep within label="Releases kept" kept={p.ReleaseRetentionPolicy} standard={standards.releases} set={(k) => change({ ReleaseRetentionPolicy: k as Kept })} />
        <Keep within label="Files kept on machines" kept={p.TentacleRetentionPolicy} standard={standards.files} set={(k) => change({ TentacleRetentionPolicy: k as Kept })} />
      </Group>
    </Stack>
  )
}
