import { Text, TextInput, Textarea } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Crud } from '../../parts/Crud'
import { Loaded } from '../../parts/Page'
import { To } from '../../parts/link'
import { useSpaceId } from '../../session/space'
import { VariablesPage } from '../../variables/Table'
import { Templates } from '../../variables/Templates'

type LibrarySet = Schemas['LibrarySet']

export function VariableSets() {
  const space = useSpaceId()
  return (
    <Crud<LibrarySet>
      noun="libraryvariablesets"
      title="Variable sets"
      note="Variables that several projects include."
      one="variable set"
      size="xl"
      empty="Connection strings, names of hosts: what many projects need in common."
      columns={[
        [
          'Name',
          (s) => (
            <To to="/$space/library/variables/$set" params={{ space, set: s.Id }}>
              {s.Name}
            </To>
          ),
        ],
        ['Description', (s) => s.Description],
        ['Tenants give values to', (s) => s.Templates.map((t) => t.Name).join(', ')],
      ]}
      fresh={() => ({ Name: '', ContentType: 'Variables', Templates: [] })}
      form={(s, set) => (
        <>
          <TextInput label="Name" value={s.Name ?? ''} onChange={(e) => set({ Name: e.currentTarget.value })} required data-autofocus />
          <Textarea label="Description" autosize value={s.Description ?? ''} onChange={(e) => set({ Description: e.currentTarget.value })} />
          <Text size="sm">Templates: variables to which each tenant gives a value of its own.</Text>
          <Templates templates={s.Templates ?? []} stored={s.Templates ?? []} change={(Templates) => set({ Templates })} />
        </>
      )}
    />
  )
}

export function VariableSet() {
  const { set: id } = useParams({ strict: false }) as { set: string }
  const library = useGet('GET /api/{space}/libraryvariablesets/{id}', { id })
  return <Loaded of={library}>{(l) => <Variables library={l} />}</Loaded>
}

function Variables({ library }: { library: LibrarySet }) {
  const set = useGet('GET /api/{space}/variables/{set}', { set: library.VariableSetId })
  return <Loaded of={set}>{(s) => <VariablesPage set={s} title={library.Name} />}</Loaded>
}
