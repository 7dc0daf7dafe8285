import { Group, MultiSelect, NativeSelect, Stack, Switch, Text, TextInput, Textarea } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useGet, useWrite } from '../../api/hooks'
import { Ask } from '../../parts/Ask'
import { Failure, Page } from '../../parts/Page'
import { useDraft, useSaveKey } from '../../parts/draft'
import { SaveButtons } from '../../parts/SaveButtons'
import { useSpaceId } from '../../session/space'
import { DeploymentSettings, ReleaseSettings } from './DeploymentSettings'
import { useProject } from './Project'

export function Settings() {
  const space = useSpaceId()
  const navigate = useNavigate()
  const p = useProject()
  const { draft: d, edit, dirty, reset } = useDraft(p)
  const groups = useGet('GET /api/{space}/projectgroups/all')
  const lifecycles = useGet('GET /api/{space}/lifecycles/all')
  const sets = useGet('GET /api/{space}/libraryvariablesets/all')
  const save = useWrite('PUT /api/{space}/projects/{id}', reset)
  const remove = useWrite('DELETE /api/{space}/projects/{id}', () => void navigate({ to: '/$space/projects', params: { space } }))
  const go = () => save.mutate({ id: p.Id, body: d })
  useSaveKey(go, dirty)
  const options = (list: { Id: string; Name: string }[] | undefined) => (list ?? []).map((x) => ({ value: x.Id, label: x.Name }))
  return (
    <Page
      title="Settings"
      actions={
        <>
          <Ask label="Delete the project" title={`Delete ${p.Name}?`} go="Delete it" danger onGo={() => remove.mutateAsync({ id: p.Id })} error={remove.error}>
            <Text size="sm">Its process, variables, releases and deployments go with it. There is no way back but a backup.</Text>
          </Ask>
          <SaveButtons dirty={dirty} reset={reset} save={go} pending={save.isPending} />
        </>
      }
    >
      <Failure error={save.error} />
      <Stack gap="sm" maw={560}>
        <TextInput label="Name" value={d.Name} onChange={(e) => edit({ ...d, Name: e.currentTarget.value })} required />
        <Textarea label="Description" autosize minRows={2} value={d.Description} onChange={(e) => edit({ ...d, Description: e.currentTarget.value })} />
        <Group grow>
          <NativeSelect label="Group" value={d.ProjectGroupId} onChange={(e) => edit({ ...d, ProjectGroupId: e.currentTarget.value })} data={options(groups.data)} />
          <NativeSelect label="Lifecycle" value={d.LifecycleId} onChange={(e) => edit({ ...d, LifecycleId: e.currentTarget.value })} data={options(lifecycles.data)} />
        </Group>
        <MultiSelect label="Variable sets of the library" data={options(sets.data)} value={d.IncludedLibraryVariableSetIds} onChange={(v) => edit({ ...d, IncludedLibraryVariableSetIds: v })} />
        <NativeSelect
          label="Tenants"
          value={d.TenantedDeploymentMode}
          onChange={(e) => edit({ ...d, TenantedDeploymentMode: e.currentTarget.value })}
          data={[
            { value: 'Untenanted', label: 'Deployed without a tenant' },
            { value: 'TenantedOrUntenanted', label: 'With a tenant or without' },
            { value: 'Tenanted', label: 'Only with a tenant' },
          ]}
        />
        <Switch label="Disabled: nothing can be released or deployed" checked={d.IsDisabled} onChange={(e) => edit({ ...d, IsDisabled: e.currentTarget.checked })} />
        <ReleaseSettings project={d} stored={p} edit={edit} />
        <DeploymentSettings project={d} edit={edit} />
        <Text size="xs" c="dimmed" className="mono">
          {p.Id} · {p.Slug}
        </Text>
      </Stack>
    </Page>
  )
}
