import { Checkbox, NativeSelect, PasswordInput, Stack, TextInput, Textarea } from '@mantine/core'
import type { Schemas } from '../../api/schema'

type Element = Schemas['FormElement']

/** What a deployment asks for: the variables with a prompt, each with the control that it wants. */
export function Prompts({ elements, values, set }: { elements: Element[]; values: Record<string, string>; set: (name: string, value: string) => void }) {
  if (elements.length === 0) return null
  return (
    <Stack gap="xs" maw={480}>
      <h2>Asked for</h2>
      {elements.map((e) => (
        <One key={e.Name} element={e} value={values[e.Name] ?? ''} set={(v) => set(e.Name, v)} />
      ))}
    </Stack>
  )
}

function One({ element, value, set }: { element: Element; value: string; set: (v: string) => void }) {
  const control = element.Control as unknown as { Label?: string; Description?: string; Type?: string; DisplaySettings?: Record<string, string> }
  const settings = control.DisplaySettings ?? {}
  const about = { label: control.Label || element.Name, description: control.Description || undefined, required: element.IsValueRequired }
  switch (settings['Octopus.ControlType']) {
    case 'Sensitive': return <PasswordInput {...about} value={value} onChange={(e) => set(e.currentTarget.value)} />
    case 'MultiLineText': return <Textarea {...about} autosize value={value} onChange={(e) => set(e.currentTarget.value)} />
    case 'Checkbox': return <Checkbox label={about.label} description={about.description} checked={/^true$/i.test(value)} onChange={(e) => set(e.currentTarget.checked ? 'True' : 'False')} />
    case 'Select': {
      const options = (settings['Octopus.SelectOptions'] ?? '').split('\n').filter(Boolean).map((line) => {
        const [v = '', label] = line.split('|')
        return { value: v, label: label ?? v }
      })
      return <NativeSelect {...about} value={value} onChange={(e) => set(e.currentTarget.value)} data={[{ value: '', label: '' }, ...options]} />
    }
    default: return <TextInput {...about} value={value} onChange={(e) => set(e.currentTarget.value)} />
  }
}
