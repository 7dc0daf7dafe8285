import { Switch, Text, TextInput } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { HealthCounts } from './HealthCounts'

type Pool = Schemas['Pool']

export function Pools() {
  const summary = useGet('GET /api/{space}/workerpools/summary')
  const of = (id: string) => summary.data?.WorkerPoolSummaries.find((s) => (s.WorkerPool as Pool).Id === id)
  return (
    <Crud<Pool>
      noun="workerpools"
      title="Worker pools"
      note="Sets of workers; a step names the pool that runs it."
      one="worker pool"
      columns={[
        ['Name', (p) => <>{p.Name} {p.IsDefault && <Text span size="xs" c="dimmed">default</Text>}</>],
        ['Workers', (p) => <HealthCounts counts={of(p.Id)?.MachineHealthStatusSummaries ?? {}} disabled={of(p.Id)?.TotalDisabledMachines ?? 0} />],
        ['Description', (p) => p.Description],
      ]}
      fresh={() => ({ Name: '', WorkerPoolType: 'StaticWorkerPool' })}
      keep={(p) => p.IsDefault}
      form={(p, set) => (
        <>
          <TextInput label="Name" value={p.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
          <TextInput label="Description" value={p.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
          <Switch label="Steps that name no pool run here" checked={p.IsDefault ?? false} onChange={(e) => set({ IsDefault: e.currentTarget.checked })} />
        </>
      )}
    />
  )
}
