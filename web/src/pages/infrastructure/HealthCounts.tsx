import { Group, Text } from '@mantine/core'
import { State } from '../../parts/State'
import { wordOf } from '../../parts/state'

/** How many machines are healthy, unavailable and so on. */
export function HealthCounts({ counts, disabled }: { counts: Record<string, number>; disabled: number }) {
  const shown = Object.entries(counts).filter(([, n]) => n > 0)
  if (shown.length === 0 && disabled === 0) return <Text size="sm" c="dimmed">none</Text>
  return (
    <Group gap="md">
      {shown.map(([state, n]) => (
        <State key={state} state={state} word={`${n} ${wordOf(state).toLowerCase()}`} />
      ))}
      {disabled > 0 && <Text size="sm" c="dimmed">{disabled} disabled</Text>}
    </Group>
  )
}
