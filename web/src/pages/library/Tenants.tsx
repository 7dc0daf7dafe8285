import { Button, Group, MultiSelect, NativeSelect, Stack, Switch, Text, TextInput, Textarea } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'

type Tenant = Schemas['Tenant']

/** Customers, shops, regions: those for whom the same release is deployed again and again. */
export function Tenants() {
  const space = useSpaceId()
  const missing = useGet('GET /api/{space}/tenants/variables-missing')
  const lacks = new Map((missing.data ?? []).map((m) => [m.TenantId, m.MissingVariables.length]))
  const projects = useGet('GET /api/{space}/projects/pulse')
  const environments = useGet('GET /api/{space}/environments/all')
  const sets = useGet('GET /api/{space}/tagsets/all')
  const tags = (sets.data ?? []).flatMap((s) => s.Tags.map((t) => ({ value: t.CanonicalTagName, label: t.CanonicalTagName })))
  const places = (environments.data ?? []).map((e) => ({ value: e.Id, label: e.Name }))
  const nameOf = (id: string) => projects.data?.find((p) => p.ProjectId === id)?.Name ?? id
  return (
    <Crud<Tenant>
      noun="tenants"
      title="Tenants"
      note="Those for whom the same release is deployed again and again: customers, shops, regions."
      one="tenant"
      empty="A project is deployed for tenants when its settings say so."
      size="lg"
      columns={[
        [
          'Name',
          (t) => (
            <>
              <To to="/$space/library/tenants/$tenant" params={{ space, tenant: t.Id }}>
                {t.Name}
              </To>{' '}
              {t.IsDisabled && <Text span size="xs" c="dimmed">disabled</Text>}
            </>
          ),
        ],
        ['Projects', (t) => Object.keys(t.ProjectEnvironments).map(nameOf).join(', ')],
        ['Tags', (t) => t.TenantTags.join(', ')],
        [
          'Values',
          (t) => (
            <To to="/$space/library/tenants/$tenant" params={{ space, tenant: t.Id }} search={lacks.has(t.Id) ? { show: 'missing' } : {}} aria-label={`${lacks.has(t.Id) ? `${lacks.get(t.Id)} missing values` : 'Values'} of ${t.Name}`} {...(lacks.has(t.Id) ? { c: 'var(--warn)' } : {})}>
              {lacks.has(t.Id) ? `${lacks.get(t.Id)} missing` : 'Values'}
            </To>
          ),
        ],
      ]}
      fresh={() => ({ Name: '', Description: '', TenantTags: [], ProjectEnvironments: {}, IsDisabled: false })}
      form={(t, set) => {
        const connected = t.ProjectEnvironments ?? {}
        const free = (projects.data ?? []).filter((p) => !(p.ProjectId in connected))
        return (
          <>
            <TextInput label="Name" value={t.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
            <Textarea label="Description" autosize value={t.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
            <MultiSelect label="Tags" data={tags} value={t.TenantTags ?? []} onChange={(v) => set({ TenantTags: v })} searchable placeholder={tags.length === 0 ? 'There are no tags yet' : ''} />
            <Switch label="Disabled: nothing is deployed for it" checked={t.IsDisabled ?? false} onChange={(e) => set({ IsDisabled: e.currentTarget.checked })} />
            <Stack gap={6}>
              {Object.entries(connected).map(([id, list]) => (
                <Group key={id} align="flex-end" wrap="nowrap">
                  <MultiSelect label={`${nameOf(id)}, in these environments`} data={places} value={list} onChange={(v) => set({ ProjectEnvironments: { ...connected, [id]: v } })} style={{ flex: 1 }} />
                  <Button variant="default" aria-label={`Disconnect ${nameOf(id)}`} onClick={() => set({ ProjectEnvironments: Object.fromEntries(Object.entries(connected).filter(([other]) => other !== id)) })}>
                    Disconnect
                  </Button>
                </Group>
              ))}
              {free.length > 0 && (
                <NativeSelect
                  label="Connect a project"
                  value=""
                  onChange={(e) => e.currentTarget.value && set({ ProjectEnvironments: { ...connected, [e.currentTarget.value]: [] } })}
                  data={[{ value: '', label: 'Choose one …' }, ...free.map((p) => ({ value: p.ProjectId, label: p.Name }))]}
                />
              )}
            </Stack>
          </>
        )
      }}
    />
  )
}
