// The values that a tenant gives to the templates of variable sets, while they are edited: one for everywhere, others for some environments.
import type { Schemas } from '../../api/schema'
import { hasText } from '../../variables/template'

export type CommonValue = Schemas['TenantValue']
export type Common = Schemas['TenantValueList']
type Template = Schemas['Template']
type Value = Schemas['Property'] | undefined

export interface Row {
  value: CommonValue
  /** Where it stands in the list. */
  index: number
}

/** The rows of a template of a set: that for everywhere, where there is one, and those for some environments. */
export function rowsOf(list: Common, set: string, template: string): { everywhere: Row | undefined; some: Row[] } {
  const rows = list.Variables.map((value, index) => ({ value, index })).filter((r) => r.value.LibraryVariableSetId === set && r.value.TemplateId === template)
  return { everywhere: rows.find((r) => r.value.Scope.EnvironmentIds.length === 0), some: rows.filter((r) => r.value.Scope.EnvironmentIds.length > 0) }
}

export const without = (list: Common, index: number): Common => ({ ...list, Variables: list.Variables.filter((_, i) => i !== index) })
export const changed = (list: Common, index: number, part: Partial<CommonValue>): Common => ({ ...list, Variables: list.Variables.map((v, i) => (i === index ? { ...v, ...part } : v)) })

/** One more value for a template. */
export function withOneMore(list: Common, set: string, template: Template, environments: string[], value: Schemas['Property']): Common {
  const one: CommonValue = { Id: '', LibraryVariableSetId: set, LibraryVariableSetName: null, ProjectId: null, ProjectName: null, TemplateId: template.Id, Template: template, Scope: { EnvironmentIds: environments }, Value: value }
  return { ...list, Variables: [...list.Variables, one] }
}

/** The list with another value for everywhere, or with none. */
export function everywhere(list: Common, set: string, template: Template, value: Value): Common {
  const row = rowsOf(list, set, template.Id).everywhere
  if (row) return value === undefined ? without(list, row.index) : changed(list, row.index, { Value: value })
  return value === undefined ? list : withOneMore(list, set, template, [], value)
}

/** The environments in which the tenant gets the set, as far as the server has said; of is where the tenant gets anything at all. */
export function reach(stored: Common, set: string, of: string[]): string[] {
  const said = stored.MissingVariables.filter((m) => m.LibraryVariableSetId === set).flatMap((m) => m.Scope.EnvironmentIds)
  if (said.length === 0) return of
  const named = stored.Variables.filter((v) => v.LibraryVariableSetId === set).flatMap((v) => v.Scope.EnvironmentIds)
  return of.filter((e) => said.includes(e) || named.includes(e))
}

/** Whether a value is missing somewhere: there is none for everywhere, no default, and an environment that no other names. */
export function isMissingSomewhere(list: Common, set: string, template: Template, environments: string[]): boolean {
  const rows = rowsOf(list, set, template.Id)
  if (rows.everywhere || hasText(template.DefaultValue)) return false
  const named = rows.some.flatMap((r) => r.value.Scope.EnvironmentIds)
  return named.length === 0 || environments.some((e) => !named.includes(e))
}

/** The environments that are left for a row: those that no other row of the template names. */
export function leftFor(rows: Row[], index: number | undefined, environments: string[]): string[] {
  const others = rows.filter((r) => r.index !== index).flatMap((r) => r.value.Scope.EnvironmentIds)
  return environments.filter((e) => !others.includes(e))
}
