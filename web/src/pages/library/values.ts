// The values that a tenant gives to templates, while they are edited.
import type { Schemas } from '../../api/schema'
import { hasText } from '../../variables/template'

export type Values = Schemas['TenantVariables']
type Template = Schemas['Template']
type Value = Schemas['Property'] | undefined

/** Where a value stands: for a template of a variable set everywhere, for one of a project in an environment. */
export interface Place {
  owner: string
  template: Template
  /** Only with a project. */
  environment?: string
}

export function valueAt(doc: Values, { owner, template, environment }: Place): Value {
  return environment === undefined ? doc.LibraryVariables[owner]?.Variables[template.Id] : doc.ProjectVariables[owner]?.Variables[environment]?.[template.Id]
}

/** The values with another one, or with none, at a place. */
export function withValue(doc: Values, { owner, template, environment }: Place, value: Value): Values {
  const put = (values: Record<string, Schemas['Property']> = {}) => {
    const next = { ...values }
    if (value === undefined) delete next[template.Id]
    else next[template.Id] = value
    return next
  }
  if (environment === undefined) {
    const set = doc.LibraryVariables[owner]
    return set ? { ...doc, LibraryVariables: { ...doc.LibraryVariables, [owner]: { ...set, Variables: put(set.Variables) } } } : doc
  }
  const project = doc.ProjectVariables[owner]
  return project ? { ...doc, ProjectVariables: { ...doc.ProjectVariables, [owner]: { ...project, Variables: { ...project.Variables, [environment]: put(project.Variables[environment]) } } } } : doc
}

/** Nobody has given a value, and there is no default. */
export const isMissing = (doc: Values, place: Place): boolean => valueAt(doc, place) === undefined && !hasText(place.template.DefaultValue)

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** What has to be sent: the sets, and the environments of projects, in which something has changed. All else stays as it is by then. */
export function changes(before: Values, after: Values): Pick<Values, 'ProjectVariables' | 'LibraryVariables'> {
  const out: Pick<Values, 'ProjectVariables' | 'LibraryVariables'> = { ProjectVariables: {}, LibraryVariables: {} }
  for (const [id, set] of Object.entries(after.LibraryVariables)) if (!same(set.Variables, before.LibraryVariables[id]?.Variables)) out.LibraryVariables[id] = set
  for (const [id, project] of Object.entries(after.ProjectVariables)) {
    const touched = Object.entries(project.Variables).filter(([e, values]) => !same(values, before.ProjectVariables[id]?.Variables[e]))
    if (touched.length > 0) out.ProjectVariables[id] = { ...project, Variables: Object.fromEntries(touched) }
  }
  return out
}

/** All places of a document, by owner. A template without a name makes no variable. */
export function places(doc: Values, order: string[]): { owner: string; name: string; library: boolean; places: Place[]; nowhere: boolean }[] {
  const named = (list: Template[]) => list.filter((t) => t.Name !== '')
  const sets = Object.values(doc.LibraryVariables).map((l) => ({
    owner: l.LibraryVariableSetId, name: l.LibraryVariableSetName, library: true, nowhere: false, places: named(l.Templates).map((template) => ({ owner: l.LibraryVariableSetId, template })),
  }))
  const projects = Object.values(doc.ProjectVariables).map((p) => {
    const environments = Object.keys(p.Variables).sort((a, b) => order.indexOf(a) - order.indexOf(b))
    return {
      owner: p.ProjectId, name: p.ProjectName, library: false, nowhere: environments.length === 0 && named(p.Templates).length > 0,
      places: named(p.Templates).flatMap((template) => environments.map((environment) => ({ owner: p.ProjectId, template, environment }))),
    }
  })
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, undefined, { sensitivity: 'base' })
  return [...sets.sort(byName), ...projects.sort(byName)].filter((o) => o.places.length > 0 || o.nowhere)
}
