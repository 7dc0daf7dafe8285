import { ActionIcon, Badge, Button, Checkbox, Group, MultiSelect, NativeSelect, PasswordInput, Stack, Table, Text, TextInput, Textarea } from '@mantine/core'
import { IconDots, IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import type { Schemas } from '../api/schema'
import { useWrite } from '../api/hooks'
import { Dialog } from '../parts/Dialog'
import { Failure, Page } from '../parts/Page'
import { useDraft, useSaveKey } from '../parts/draft'
import { useFilter } from '../parts/filter'
import { SaveButtons } from '../parts/SaveButtons'
import { chips, choices, doubled, fromValues, newVariable, ordered, toValues } from './scope'
import type { ScopeValues, Variable } from './scope'

type Set = Schemas['VariableapiShown']

const types = ['String', 'Sensitive', 'AmazonWebServicesAccount', 'AzureAccount', 'GoogleCloudAccount', 'UsernamePasswordAccount', 'WorkerPool', 'Certificate'].map((value) => ({ value, label: value === 'String' ? 'Text' : value.replace(/([a-z])([A-Z])/g, '$1 $2') }))

/** The variables of a set, edited in place. */
export function VariablesPage({ set, title, extra }: { set: Set; title: string; extra?: ReactNode }) {
  // In the order of their names when the page opens; a row stays where it is while it is edited.
  const sorted = useMemo(() => ({ ...set, Variables: ordered(set.Variables).map((x) => x.variable) }), [set])
  const { draft, edit, dirty, reset } = useDraft(sorted)
  const [text, setText] = useFilter('q')
  const save = useWrite('PUT /api/{space}/variables/{set}', reset)
  const go = () => save.mutate({ set: set.Id, body: draft })
  useSaveKey(go, dirty)
  const rows = draft.Variables
  const change = (index: number, next: Variable) => edit((old) => ({ ...old, Variables: old.Variables.map((v, i) => (i === index ? next : v)) }))
  const wanted = text.trim().toLowerCase()
  const twice = doubled(rows)
  return (
    <Page
      title={title}
      actions={
        <>
          <TextInput aria-label="Filter variables" placeholder="Filter" value={text} onChange={(e) => setText(e.currentTarget.value)} />
          <SaveButtons dirty={dirty} reset={reset} save={go} pending={save.isPending} />
        </>
      }
    >
      <Failure error={save.error} />
      {twice.length > 0 && <Text size="sm" className="state warn" style={{ whiteSpace: 'normal' }}>More than one row has the same name and scope, and nobody can say which wins: {twice.join(', ')}.</Text>}
      <Table highlightOnHover={false} verticalSpacing={3}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="24%">Name</Table.Th>
            <Table.Th>Value</Table.Th>
            <Table.Th w={130}>Type</Table.Th>
            <Table.Th w="26%">Scope</Table.Th>
            <Table.Th w={70} aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows
            .map((variable, index) => ({ variable, index }))
            .filter(({ variable }) => !wanted || `${variable.Name} ${variable.IsSensitive ? '' : variable.Value}`.toLowerCase().includes(wanted))
            .map(({ variable, index }) => (
              <Row key={variable.Id || `new ${index}`} variable={variable} values={set.ScopeValues} change={(next) => change(index, next)} remove={() => edit((old) => ({ ...old, Variables: old.Variables.filter((_, i) => i !== index) }))} />
            ))}
        </Table.Tbody>
      </Table>
      <Group>
        <Button variant="default" onClick={() => edit((old) => ({ ...old, Variables: [...old.Variables, newVariable()] }))}>
          Add a variable
        </Button>
      </Group>
      {extra}
    </Page>
  )
}

function Row({ variable: v, values, change, remove }: { variable: Variable; values: ScopeValues; change: (next: Variable) => void; remove: () => void }) {
  const [more, setMore] = useState(false)
  const label = v.Name || 'new variable'
  return (
    <Table.Tr>
      <Table.Td>
        <TextInput aria-label="Name" value={v.Name} onChange={(e) => change({ ...v, Name: e.currentTarget.value })} error={v.Name ? undefined : 'Name it'} autoFocus={!v.Id && !v.Name} />
      </Table.Td>
      <Table.Td>
        {v.IsSensitive ? (
          <PasswordInput aria-label={`Value of ${label}`} value={v.Value ?? ''} placeholder={v.Id ? 'unchanged' : ''} onChange={(e) => change({ ...v, Value: e.currentTarget.value || null })} autoComplete="off" />
        ) : (
          <Textarea aria-label={`Value of ${label}`} autosize minRows={1} maxRows={8} value={v.Value ?? ''} onChange={(e) => change({ ...v, Value: e.currentTarget.value })} />
        )}
      </Table.Td>
      <Table.Td>
        <NativeSelect
          aria-label={`Type of ${label}`}
          value={v.Type}
          onChange={(e) => {
            const sensitive = e.currentTarget.value === 'Sensitive'
            change({ ...v, Type: e.currentTarget.value, IsSensitive: sensitive, Value: v.IsSensitive !== sensitive && v.IsSensitive ? '' : v.Value })
          }}
          data={types}
        />
      </Table.Td>
      <Table.Td>
        <MultiSelect aria-label={`Scope of ${label}`} placeholder={Object.keys(v.Scope).length ? '' : 'everywhere'} data={choices(values)} value={toValues(v.Scope)} onChange={(x) => change({ ...v, Scope: fromValues(x) })} searchable hidePickedOptions />
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap">
          <ActionIcon variant={v.Prompt || v.Description ? 'light' : 'subtle'} color="gray" c="inherit" aria-haspopup="dialog" aria-label={`Description and prompt of ${label}`} onClick={() => setMore(true)}>
            <IconDots size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" c="inherit" aria-label={`Remove ${label}`} onClick={remove}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
        {more && <More variable={v} change={change} close={() => setMore(false)} />}
      </Table.Td>
    </Table.Tr>
  )
}

function More({ variable: v, change, close }: { variable: Variable; change: (next: Variable) => void; close: () => void }) {
  const prompt = v.Prompt as Variable['Prompt'] | null
  const set = (part: Partial<Variable['Prompt']>) => change({ ...v, Prompt: { Label: '', Description: '', Required: false, DisplaySettings: {}, ...prompt, ...part } })
  const control = prompt?.DisplaySettings?.['Octopus.ControlType'] ?? 'SingleLineText'
  return (
    <Dialog close={close} title={v.Name || 'New variable'}>
      <Stack gap="sm">
        <Textarea label="Description" autosize value={v.Description} onChange={(e) => change({ ...v, Description: e.currentTarget.value })} />
        <Checkbox label="Ask for the value when a release is deployed" checked={prompt !== null && prompt !== undefined} onChange={(e) => (e.currentTarget.checked ? set({}) : change({ ...v, Prompt: null as unknown as Variable['Prompt'] }))} />
        {prompt && (
          <>
            <TextInput label="Label" value={prompt.Label} onChange={(e) => set({ Label: e.currentTarget.value })} />
            <TextInput label="Words below it" value={prompt.Description} onChange={(e) => set({ Description: e.currentTarget.value })} />
            <NativeSelect
              label="Field"
              value={control}
              onChange={(e) => set({ DisplaySettings: { ...prompt.DisplaySettings, 'Octopus.ControlType': e.currentTarget.value } })}
              data={[
                { value: 'SingleLineText', label: 'One line' },
                { value: 'MultiLineText', label: 'Several lines' },
                { value: 'Checkbox', label: 'Yes or no' },
                { value: 'Select', label: 'A list' },
                { value: 'Sensitive', label: 'Sensitive' },
              ]}
            />
            {control === 'Select' && <Textarea label="Choices" description="One a line: value|what is shown" autosize minRows={3} value={prompt.DisplaySettings['Octopus.SelectOptions'] ?? ''} onChange={(e) => set({ DisplaySettings: { ...prompt.DisplaySettings, 'Octopus.SelectOptions': e.currentTarget.value } })} />}
            <Checkbox label="It has to be filled in" checked={prompt.Required} onChange={(e) => set({ Required: e.currentTarget.checked })} />
          </>
        )}
        <Button onClick={close}>Done</Button>
      </Stack>
    </Dialog>
  )
}

/** A variable that wins somewhere: the set that it stands in, and what is wrong with its value there. */
type Winner = Variable & { VariableSetId?: string; Error?: string }

/** Variables that cannot be edited here, with their scopes as chips. */
export function ReadTable({ variables, values, from }: { variables: Winner[]; values: ScopeValues; from: (set: string) => string }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Value</Table.Th>
          <Table.Th>Scope that won</Table.Th>
          <Table.Th>From</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {variables.map((v, i) => (
          <Table.Tr key={v.Id || i}>
            <Table.Td>{v.Name}</Table.Td>
            <Table.Td className="mono">
              {v.IsSensitive ? '••••••' : v.Value}
              {v.Error && (
                <Text size="xs" c="var(--fail)">
                  {v.Error}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Group gap={4}>
                {chips(v.Scope, values).map((c) => (
                  <Badge key={c.kind + c.label} color="gray" c="inherit" title={c.kind}>
                    {c.label}
                  </Badge>
                ))}
                {Object.keys(v.Scope).length === 0 && <Text size="xs" c="dimmed">everywhere</Text>}
              </Group>
            </Table.Td>
            <Table.Td>
              <Text size="xs">{from(v.VariableSetId ?? '')}</Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
