// Templates of variables, to which tenants give values: their fields, their defaults.
import type { Schemas } from '../api/schema'

type Template = Schemas['Template']
type Value = Schemas['Property'] | undefined
type Secret = Exclude<Schemas['Property'], string>

const control = 'Octopus.ControlType'
const choices = 'Octopus.SelectOptions'

/** The fields that a template may ask for. */
export const controls = [
  { value: 'SingleLineText', label: 'One line' },
  { value: 'MultiLineText', label: 'Several lines' },
  { value: 'Checkbox', label: 'Yes or no' },
  { value: 'Select', label: 'A list' },
  { value: 'Sensitive', label: 'Sensitive' },
]

export const controlOf = (t: Pick<Template, 'DisplaySettings'>): string => t.DisplaySettings[control] ?? 'SingleLineText'
export const choicesOf = (t: Template): string => t.DisplaySettings[choices] ?? ''
export const withChoices = (t: Template, text: string): Template => ({ ...t, DisplaySettings: { ...t.DisplaySettings, [choices]: text } })

/** Another field for a template. A default that was secret does not become text, nor the other way round. */
export function withControl(t: Template, name: string): Template {
  const other = (name === 'Sensitive') !== (controlOf(t) === 'Sensitive')
  return { ...t, DefaultValue: other ? '' : t.DefaultValue, DisplaySettings: { ...t.DisplaySettings, [control]: name } }
}

/** The choices of a list: one a line, value|what is shown. */
export function optionsOf(t: Template): { value: string; label: string }[] {
  return choicesOf(t).split(/\r?\n/).filter(Boolean).map((line) => {
    const [value = '', label] = line.split('|')
    return { value, label: label || value }
  })
}

export const newTemplate = (): Template => ({ Id: '', Name: '', Label: '', HelpText: '', DefaultValue: '', DisplaySettings: { [control]: 'SingleLineText' } })

export const textOf = (v: Value): string => (typeof v === 'string' ? v : '')
export const secretOf = (v: Value): Secret | undefined => (v === undefined || typeof v === 'string' ? undefined : v)

/** Whether there is anything: a secret counts that the server has. */
export const hasText = (v: Value): boolean => (typeof v === 'string' ? v !== '' : (v?.HasValue ?? false))

export const nameOf = (t: Template): string => t.Label || t.Name

/** What applies where nobody gives a value, in words. */
export function otherwise(t: Template): string {
  const text = textOf(t.DefaultValue)
  if (controlOf(t) === 'Checkbox' && text) return `default: ${/^true$/i.test(text) ? 'Yes' : 'No'}`
  if (controlOf(t) === 'Select' && text) return `default: ${optionsOf(t).find((o) => o.value === text)?.label ?? text}`
  return text ? `default: ${text.split('\n')[0]}` : hasText(t.DefaultValue) ? 'the default' : ''
}
