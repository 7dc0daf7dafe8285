// Scopes of variables: which values a scope may name, and how it reads.
import type { Schemas } from '../api/schema'

export type Variable = Schemas['Variable']
export type ScopeValues = Schemas['ScopeValues']
export type Scope = Record<string, string[]>

export const kinds = [
  ['Environment', 'Environments', 'Environment'],
  ['Role', 'Roles', 'Role'],
  ['Machine', 'Machines', 'Machine'],
  ['Action', 'Actions', 'Step'],
  ['Channel', 'Channels', 'Channel'],
  ['TenantTag', 'TenantTags', 'Tenant tag'],
  ['ProcessOwner', 'Processes', 'Process'],
] as const

/** What scopes may name, as the groups of a list. The value says the kind too: names repeat between kinds. */
export function choices(values: ScopeValues): { group: string; items: { value: string; label: string }[] }[] {
  return kinds
    .map(([kind, list, word]) => ({ group: word, items: values[list].map((i) => ({ value: `${kind}:${i.Id}`, label: i.Name })) }))
    .filter((g) => g.items.length > 0)
}

/** A scope as the values of that list. */
export const toValues = (scope: Scope): string[] => Object.entries(scope).flatMap(([kind, ids]) => ids.map((id) => `${kind}:${id}`))

export function fromValues(values: string[]): Scope {
  const scope: Scope = {}
  for (const v of values) {
    const at = v.indexOf(':')
    ;(scope[v.slice(0, at)] ??= []).push(v.slice(at + 1))
  }
  return scope
}

/** The chips of a scope: "Production", "web". What the list does not know is shown by its ID. */
export function chips(scope: Scope, values: ScopeValues): { kind: string; label: string }[] {
  return Object.entries(scope).flatMap(([kind, ids]) => {
    const known = kinds.find(([k]) => k === kind)
    return ids.map((id) => ({ kind: known?.[2] ?? kind, label: (known && values[known[1]].find((i) => i.Id === id)?.Name) ?? id }))
  })
}

/** Two rows with one name and one scope: which of them wins nobody knows. The names of those. */
export function doubled(variables: Pick<Variable, 'Name' | 'Scope'>[]): string[] {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const v of variables) {
    const key = `${v.Name.toLowerCase()} ${toValues(v.Scope).sort().join()}`
    if (seen.has(key)) twice.add(v.Name)
    seen.add(key)
  }
  return [...twice]
}

export const newVariable = (name = ''): Variable => ({
  Id: '', Name: name, Value: '', Description: '', Scope: {}, Type: 'String', IsEditable: true, IsSensitive: false, Prompt: null as unknown as Variable['Prompt'],
})

/** Rows in the order of their names; rows of one name stay together in the order that they have. */
export function ordered(variables: Variable[]): { variable: Variable; index: number }[] {
  return variables.map((variable, index) => ({ variable, index })).sort((a, b) => a.variable.Name.localeCompare(b.variable.Name, undefined, { sensitivity: 'base' }) || a.index - b.index)
}
