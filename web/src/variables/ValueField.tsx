import { ActionIcon, Group, NativeSelect, PasswordInput, TextInput, Textarea } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { Schemas } from '../api/schema'
import { controlOf, hasText, optionsOf, secretOf, textOf } from './template'

type Template = Schemas['Template']
type Value = Schemas['Property'] | undefined

interface Props {
  template: Template
  /** Its name for those who do not see where it stands. */
  label: string
  /** Whether the label is shown too. */
  labelled?: boolean
  value: Value
  /** The value as it is stored: a secret that is typed and taken back again is what it was. */
  stored: Value
  set: (next: Value) => void
  /** What applies without a value, in words. */
  otherwise?: string
  error?: string | undefined
}

/** A value for a template, in the field that the template asks for. No value is not the same as an empty one: the default applies. */
export function ValueField({ template, label, labelled, value, stored, set, otherwise = '', error }: Props) {
  const about = { ...(labelled ? { label } : { 'aria-label': label }), error }
  const text = textOf(value)
  const given = (next: string) => set(next === '' ? undefined : next)
  switch (controlOf(template)) {
    case 'Sensitive':
      return (
        <Group gap={4} wrap="nowrap" align="flex-end">
          <PasswordInput {...about} value={secretOf(value)?.NewValue ?? ''} placeholder={hasText(value) ? 'unchanged' : otherwise} onChange={(e) => set(e.currentTarget.value ? { HasValue: true, NewValue: e.currentTarget.value, Hint: null } : stored)} autoComplete="new-password" style={{ flex: 1 }} />
          {hasText(value) && (
            <ActionIcon variant="subtle" color="gray" c="inherit" aria-label={`Take away: ${label}`} title="Take the value away" onClick={() => set(undefined)}>
              <IconX size={16} />
            </ActionIcon>
          )}
        </Group>
      )
    case 'MultiLineText': return <Textarea {...about} autosize minRows={2} maxRows={10} placeholder={otherwise} value={text} onChange={(e) => given(e.currentTarget.value)} />
    case 'Checkbox': return <NativeSelect {...about} value={text === '' ? '' : /^true$/i.test(text) ? 'True' : 'False'} onChange={(e) => given(e.currentTarget.value)} data={[{ value: '', label: otherwise }, { value: 'True', label: 'Yes' }, { value: 'False', label: 'No' }]} />
    case 'Select': {
      const options = optionsOf(template)
      const unknown = text !== '' && !options.some((o) => o.value === text) ? [{ value: text, label: `${text} (not in the list)` }] : []
      return <NativeSelect {...about} value={text} onChange={(e) => given(e.currentTarget.value)} data={[{ value: '', label: otherwise }, ...options, ...unknown]} />
    }
    default: return <TextInput {...about} placeholder={otherwise} value={text} onChange={(e) => given(e.currentTarget.value)} />
  }
}
