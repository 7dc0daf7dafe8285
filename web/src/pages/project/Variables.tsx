import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useState } from 'react'
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
              <Preview set={s} />
            </Stack>
          }
        />
      )}
    </Loaded>
  )
}

/** What wins where: the variables as a step on a machine would see them. */
function Preview({ set }: { set: Schemas['VariableapiShown'] }) {
  const p = useProject()
  const [environment, setEnvironment] = useFilter('environment')
  const [machine, setMachine] = useState('')
  const [role, setRole] = useState('')
  const [channel, setChannel] = useState('')
  const [action, setAction] = useState('')
  const preview = useGet('GET /api/{space}/variables/preview', { query: { project: p.Id, environment, machine, role, channel, action } }, { keep: true })
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
      </Group>
      <Loaded of={preview} rows={2}>
        {(doc) => (doc.Variables.length === 0 ? <Text size="sm" c="dimmed">No variable has a value there. Saved variables only are shown.</Text> : <ReadTable variables={doc.Variables} values={doc.ScopeValues} />)}
      </Loaded>
    </section>
  )
}
