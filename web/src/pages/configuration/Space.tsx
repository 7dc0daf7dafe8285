import { Button, Group, NativeSelect, NumberInput, Stack, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Failure, Loaded, Page } from '../../parts/Page'
import { useDraft } from '../../parts/draft'

type Kept = Schemas['SpaceRetention']

/** What each of the defaults is about, and what its two units are. */
const kinds: Record<string, { title: string; about: string; units: [string, string] }> = {
  LifecycleRelease: { title: 'Releases', about: 'For the phases of lifecycles that say nothing of their own.', units: ['releases in each environment', 'days'] },
  LifecycleTentacle: { title: 'Files on machines', about: 'What deployments have extracted there, for the phases of lifecycles that say nothing of their own.', units: ['deployments', 'days'] },
  RunbookRetention: { title: 'Runs of runbooks', about: 'In each environment, for runbooks that say nothing of their own.', units: ['runs', 'days'] },
}

/** One space: what it keeps by default. */
export function SpacePage() {
  const { id } = useParams({ strict: false }) as { id: string }
  const space = useGet('GET /api/spaces/{id}', { id })
  const policies = useGet('GET /api/{space}/retentionpolicies/all', { space: id })
  return (
    <Loaded of={space}>
      {(s) => (
        <Page title={s.Name} note={s.Description || 'What this space keeps, where nothing else is said'}>
          <Loaded of={policies} rows={6}>
            {(list) => (
              <Stack gap="lg" maw={620}>
                <Text size="sm">Releases are removed every four hours: the tasks of the kind Retention say which, and why. Files on machines are removed at the end of each successful deployment. Nothing counts runs of runbooks: this server has none.</Text>
                {Object.keys(kinds).map((type) => {
                  const policy = list.find((p) => p.RetentionType === type)
                  return policy && <Keeping key={policy.Id} policy={policy} space={id} />
                })}
              </Stack>
            )}
          </Loaded>
        </Page>
      )}
    </Loaded>
  )
}

function Keeping({ policy, space }: { policy: Kept; space: string }) {
  const { draft: p, edit, dirty, reset } = useDraft(policy)
  const save = useWrite('PUT /api/{space}/retentionpolicies/{id}', reset)
  const kind = kinds[policy.RetentionType]
  if (!kind) return null
  const value = p.Strategy === 'Forever' ? 'Forever' : (p.Unit ?? 'Items')
  return (
    <form
      aria-label={kind.title}
      onSubmit={(e) => {
        e.preventDefault()
        save.mutate({ space, id: policy.Id, body: p })
      }}
    >
      <Stack gap={6}>
        <h2>{kind.title}</h2>
        <Text size="sm" c="dimmed">
          {kind.about}
        </Text>
        <Group align="flex-end">
          {value !== 'Forever' && <NumberInput label="Keep the last" min={1} allowDecimal={false} value={p.QuantityToKeep ?? ''} onChange={(v) => edit({ ...p, QuantityToKeep: typeof v === 'number' ? v : null })} w={110} required />}
          <NativeSelect
            label={value === 'Forever' ? 'Keep' : 'Counted in'}
            value={value}
            onChange={(e) => {
              const to = e.currentTarget.value
              edit(to === 'Forever' ? { ...p, Strategy: 'Forever', QuantityToKeep: null, Unit: null } : { ...p, Strategy: 'Count', Unit: to, QuantityToKeep: p.QuantityToKeep ?? 30 })
            }}
            data={[{ value: 'Forever', label: 'everything, forever' }, { value: 'Items', label: kind.units[0] }, { value: 'Days', label: kind.units[1] }]}
          />
          <Button type="submit" disabled={!dirty} loading={save.isPending} aria-label={`Save ${kind.title.toLowerCase()}`}>
            Save
          </Button>
        </Group>
        <Failure error={save.error} />
      </Stack>
    </form>
  )
}
