import { Button, Group, Text, TextInput } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { move } from '../../parts/move'
import { Keep, PhaseForm } from './PhaseForm'
import { keptWords } from './keeping'
import type { Kept } from './keeping'

type Lifecycle = Schemas['Lifecycle']
type Phase = Schemas['Phase']

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
            {p.AutomaticDeploymentTargets.length + p.OptionalDeploymentTargets.length === 0 && <Text size="sm">every environment that no phase before it names</Text>}
          </div>
        </Group>
      ))}
    </div>
  )
}

const newPhase = (n: number) =>
  ({ Id: '', Name: `Phase ${n}`, AutomaticDeploymentTargets: [], OptionalDeploymentTargets: [], MinimumEnvironmentsBeforePromotion: 0, IsOptionalPhase: false, IsPriorityPhase: false, ReleaseRetentionPolicy: null, TentacleRetentionPolicy: null }) as unknown as Phase

export function Lifecycles() {
  const environments = useGet('GET /api/{space}/environments/all')
  const space = useGet('GET /api/{space}/retentionpolicies/all')
  const standard = (type: string) => space.data?.find((p) => p.RetentionType === type)
  const standards = { releases: standard('LifecycleRelease'), files: standard('LifecycleTentacle') }
  const names = new Map((environments.data ?? []).map((e) => [e.Id, e.Name]))
  const places = [...names].map(([value, label]) => ({ value, label }))
  return (
    <Crud<Lifecycle>
      noun="lifecycles"
      title="Lifecycles"
      note="The way of a release through the environments."
      one="lifecycle"
      size="xl"
      columns={[
        ['Name', (l) => l.Name],
        ['Phases', (l) => <Phases lifecycle={l} names={names} />],
        [
          'Kept',
          (l) => (
            <>
              <Text size="xs">Releases: {keptWords(l.ReleaseRetentionPolicy, standards.releases)}</Text>
              <Text size="xs">Files on machines: {keptWords(l.TentacleRetentionPolicy, standards.files)}</Text>
              {l.Phases.some((p) => (p.ReleaseRetentionPolicy as Kept | null) ?? (p.TentacleRetentionPolicy as Kept | null)) && <Text size="xs" c="dimmed">Some phases say otherwise.</Text>}
            </>
          ),
        ],
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
              <Keep label="Releases kept" kept={l.ReleaseRetentionPolicy} standard={standards.releases} set={(k) => set({ ReleaseRetentionPolicy: k as Kept })} />
              <Keep label="Files kept on machines" kept={l.TentacleRetentionPolicy} standard={standards.files} set={(k) => set({ TentacleRetentionPolicy: k as Kept })} />
            </Group>
            {phases.length === 0 && <Text size="sm">Without phases a release goes through every environment of the space, in their order.</Text>}
            {phases.map((p, i) => (
              <PhaseForm
                key={p.Id || `new ${i}`}
                phase={p}
                number={i + 1}
                last={i === phases.length - 1}
                places={places}
                standards={standards}
                change={(part) => change(i, part)}
                by={(n) => set({ Phases: move(phases, i, i + n) })}
                remove={() => set({ Phases: phases.filter((_, n) => n !== i) })}
              />
            ))}
            <Button variant="default" onClick={() => set({ Phases: [...phases, newPhase(phases.length + 1)] })}>
              Add a phase
            </Button>
          </>
        )
      }}
    />
  )
}
