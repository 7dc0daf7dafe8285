import { ActionIcon, Button, Group, MultiSelect, Table, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { Schemas } from '../../api/schema'
import { ValueField } from '../../variables/ValueField'
import { hasText, nameOf, otherwise } from '../../variables/template'
import { changed, everywhere, isMissingSomewhere, leftFor, reach, rowsOf, withOneMore, without } from './common'
import type { Common, Row } from './common'

type Template = Schemas['Template']

interface OwnerProps {
  set: string
  templates: Template[]
  environments: { value: string; label: string }[]
  draft: Common
  stored: Common
  edit: (f: (old: Common) => Common) => void
}

/** A tenant's values for the templates of a variable set: one for everywhere, and others for some environments. */
export function CommonOwner({ set, templates, environments, draft, stored, edit }: OwnerProps) {
  const all = reach(stored, set, environments.map((e) => e.value))
  return (
    <Table highlightOnHover={false} verticalSpacing={3}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="34%">Variable</Table.Th>
          <Table.Th w={230}>Environments</Table.Th>
          <Table.Th>Value</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {templates.map((t) => (
          <Rows key={t.Id} set={set} template={t} environments={environments.filter((e) => all.includes(e.value))} draft={draft} stored={stored} edit={edit} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

const top = { verticalAlign: 'top', paddingTop: 8 } as const

function Rows({ set, template: t, environments, draft, stored, edit }: { template: Template } & Omit<OwnerProps, 'templates'>) {
  const rows = rowsOf(draft, set, t.Id)
  const name = nameOf(t)
  const left = leftFor(rows.some, undefined, environments.map((e) => e.value))
  const error = isMissingSomewhere(draft, set, t, environments.map((e) => e.value)) ? 'A value is missing' : undefined
  return (
    <>
      <Table.Tr>
        <Table.Td style={top}>
          {name}
          {t.Label && <Text size="xs" c="dimmed" className="mono">{t.Name}</Text>}
          {t.HelpText && <Text size="xs" c="dimmed">{t.HelpText}</Text>}
        </Table.Td>
        <Table.Td style={top}>{rows.some.length > 0 ? 'everywhere else' : 'everywhere'}</Table.Td>
        <Table.Td>
          <Group gap={4} wrap="nowrap" align="flex-start">
            <div style={{ flex: 1 }}>
              <ValueField template={t} label={name} value={rows.everywhere?.value.Value} stored={rowsOf(stored, set, t.Id).everywhere?.value.Value} set={(v) => edit((old) => everywhere(old, set, t, v))} otherwise={otherwise(t)} error={error} />
            </div>
            <Button variant="subtle" disabled={left.length === 0} aria-label={`Another value of ${name} for some environments`} title="Another value for some environments" onClick={() => edit((old) => withOneMore(old, set, t, left.slice(0, 1), ''))}>
              Another …
            </Button>
          </Group>
        </Table.Td>
      </Table.Tr>
      {rows.some.map((r, n) => (
        <Some key={r.value.Id || `new ${n}`} row={r} rows={rows.some} template={t} environments={environments} stored={stored} edit={edit} />
      ))}
    </>
  )
}

interface SomeProps {
  row: Row
  rows: Row[]
  template: Template
  environments: { value: string; label: string }[]
  stored: Common
  edit: (f: (old: Common) => Common) => void
}

/** A value for some environments. */
function Some({ row: { value: v, index }, rows, template: t, environments, stored, edit }: SomeProps) {
  const left = leftFor(rows, index, environments.map((e) => e.value))
  const label = `${nameOf(t)} in ${v.Scope.EnvironmentIds.map((id) => environments.find((e) => e.value === id)?.label ?? id).join(', ')}`
  const before = v.Id ? stored.Variables.find((s) => s.Id === v.Id)?.Value : undefined
  return (
    <Table.Tr>
      <Table.Td>
        <span className="vh">{nameOf(t)}</span>
      </Table.Td>
      <Table.Td>
        <MultiSelect
          aria-label={`Environments of ${label}`}
          value={v.Scope.EnvironmentIds}
          // A row for no environment would be one for everywhere: it is removed with its button.
          onChange={(ids) => ids.length > 0 && edit((old) => changed(old, index, { Scope: { EnvironmentIds: ids } }))}
          data={environments.filter((e) => left.includes(e.value))}
        />
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap" align="flex-start">
          <div style={{ flex: 1 }}>
            <ValueField template={t} label={label} value={v.Value} stored={before ?? ''} set={(next) => edit((old) => changed(old, index, { Value: next ?? '' }))} error={typeof v.Value === 'string' || hasText(v.Value) ? undefined : 'A value is missing'} />
          </div>
          <ActionIcon variant="subtle" color="gray" c="inherit" aria-label={`Remove ${label}`} onClick={() => edit((old) => without(old, index))}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}
