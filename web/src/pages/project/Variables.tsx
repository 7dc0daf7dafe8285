import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Loaded } from '../../parts/Page'
import { useFilter } from '../../parts/filter'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { ReadTable, VariablesPage } from '../../variables/Table'
import { useProject } from './Project'

export function ProjectVariables() {
  const p = useProject()
  const space = useSpaceId()
  const set = useGet('GET /api/{space}/variables/{set}', { set: p.VariableSetId })
  const library = useGet('GET /api/{space}/libraryvariablesets/all')
  const included = (library.data ?? []).filter((l) => p.IncludedLibraryVariableSetIds.includes(l.Id))
  return (
    <Loaded of={set}>
      {(s) => (
        <VariablesPage
          set={s}
          title="Variables"
          extra={
            <Stack gap="md" mt="md">
              <Text size="sm">
                {included.length > 0 ? 'From the library: ' : 'No variable set of the library is included; the settings of the project say which are.'}
                {included.map((l, i) => (
                  <span key={l.Id}>
                    {i > 0 && ', '}
                    <To to="/$space/library/variables/$set" params={{ space, set: l.Id }} underline="always">
                      {l.Name}
                    </To>
                  </span>
                ))}
              </Text>
              <Preview set={s} included={included} />
            </Stack>
          }
        />
      )}
    </Loaded>
  )
}

/** What wins where: the variables as a step on a machine would see them. */
function Preview({ set, included }: { set: Schemas['VariableapiShown']; included: Schemas['LibrarySet'][] }) {
  const p = useProject()
  const [environment, setEnvironment] = useFilter('environment')
  const [machine, setMachine] = useFilter('machine')
  const [role, setRole] = useFilter('role')
  const [channel, setChannel] = useFilter('channel')
  const [action, setAction] = useFilter('step')
  const [tenant, setTenant] = useFilter('tenant')
  const tenants = useGet('GET /api/{space}/tenants/all', {}, { enabled: p.TenantedDeploymentMode !== 'Untenanted' })
  const connected = (tenants.data ?? []).filter((t) => p.Id in t.ProjectEnvironments)
  const preview = useGet('GET /api/{space}/variables/preview', { query: { project: p.Id, environment, machine, role, channel, action, tenant } }, { keep: true })
  const names = new Map([[p.VariableSetId, 'this project'], ...included.map((l): [string, string] => [l.VariableSetId, l.Name])])
  const values = set.ScopeValues
  const select = (label: string, list: { Id: string; Name: string }[], value: string, choose: (v: string) => void) => (
    <NativeSelect label={label} value={value} onChange={(e) => choose(e.currentTarget.value)} data={[{ value: '', label: 'any' }, ...list.map((i) => ({ value: i.Id, label: i.Name }))]} />
  )
  return (
    <section aria-label="Preview">
      <h2>What wins where</h2>
      <Group my="xs">
        {select('Environment', values.Environments, environment, setEnvironment)}
        {select('Machine', values.Machines, machine, setMachine)}
        {select('Role', values.Roles, role, setRole)}
        {select('Channel', values.Channels, channel, setChannel)}
        {select('Step', values.Actions, action, setAction)}
        {(connected.length > 0 || tenant !== '') && select('Tenant', connected, tenant, setTenant)}
      </Group>
      <Loaded of={preview} rows={2}>
        {(doc) => (doc.Variables.length === 0 ? <Text size="sm" c="dimmed">No variable has a value there. Saved variables only are shown.</Text> : <ReadTable variables={doc.Variables} values={doc.ScopeValues} from={(id) => names.get(id) ?? (tenant ? 'a template, with a value of the tenant or a default' : 'elsewhere')} />)}
      </Loaded>
    </section>
  )
}
