// How the dashboard's rows and cells are arranged, apart from how they are drawn.
import type { Schemas } from '../../api/schema'

export type Item = Schemas['DashboardItem']
type Document = Schemas['DashboardapiDocument']
export type Entry = { kind: 'group'; id: string; name: string; count: number } | { kind: 'project'; project: Schemas['DashboardapiProject'] }

export interface Filter {
  text: string
  group: string
}

/** The rows: each group's name, and below it those of its projects that the filter lets through. */
export function rowsOf(doc: Pick<Schemas['DashboardapiDocument'], 'Projects' | 'ProjectGroups'>, filter: Filter): Entry[] {
  const text = filter.text.trim().toLowerCase()
  const rows: Entry[] = []
  for (const g of doc.ProjectGroups) {
    if (filter.group && g.Id !== filter.group) continue
    const inside = doc.Projects.filter((p) => p.ProjectGroupId === g.Id && (!text || p.Name.toLowerCase().includes(text)))
    if (inside.length === 0) continue
    rows.push({ kind: 'group', id: g.Id, name: g.Name, count: inside.length })
    for (const project of inside) rows.push({ kind: 'project', project })
  }
  return rows
}

type Configuration = Pick<Schemas['Configuration'], 'IncludedProjectGroupIds' | 'IncludedProjectIds' | 'IncludedEnvironmentIds' | 'ProjectLimit'>

/** Whether a user has chosen anything to be left out. */
export const isChosen = (c: Configuration) => c.IncludedProjectGroupIds.length + c.IncludedProjectIds.length + c.IncludedEnvironmentIds.length > 0 || c.ProjectLimit !== null

/** The projects that a user has chosen to see, themselves or by their groups. Empty lists leave nothing out. */
export function chosenOf<P extends { Id: string; ProjectGroupId: string }>(projects: P[], c: Configuration): P[] {
  const all = c.IncludedProjectGroupIds.length + c.IncludedProjectIds.length === 0
  const shown = all ? projects : projects.filter((p) => c.IncludedProjectGroupIds.includes(p.ProjectGroupId) || c.IncludedProjectIds.includes(p.Id))
  return c.ProjectLimit === null ? shown : shown.slice(0, c.ProjectLimit)
}

export const rowsAtOnce = 20
export const columnsAtOnce = 12

/** A part of the board that is asked for at once: some projects in some environments. */
export interface Chunk {
  projects: string[]
  environments: string[]
}

/** The parts that cover what is visible. They lie on a raster, so that scrolling asks for each part once. */
export function chunksOf(rows: Entry[], environments: string[], seen: { top: number; bottom: number; left: number; right: number }): Chunk[] {
  const chunks: Chunk[] = []
  if (rows.length === 0 || environments.length === 0) return chunks
  for (let r = Math.floor(seen.top / rowsAtOnce); r * rowsAtOnce <= Math.min(seen.bottom, rows.length - 1); r++) {
    const projects = rows.slice(r * rowsAtOnce, (r + 1) * rowsAtOnce).flatMap((e) => (e.kind === 'project' ? [e.project.Id] : []))
    if (projects.length === 0) continue
    for (let c = Math.floor(seen.left / columnsAtOnce); c * columnsAtOnce <= Math.min(seen.right, environments.length - 1); c++) {
      chunks.push({ projects, environments: environments.slice(c * columnsAtOnce, (c + 1) * columnsAtOnce) })
    }
  }
  return chunks
}

/** A part of the board as the answer has it that has all projects, and what stands in the first of them; nothing if it does not have the whole part. */
export function chunkOf(doc: Document, chunk: Chunk): Document | undefined {
  const first = doc.Projects.slice(0, rowsAtOnce)
  const projects = new Set(first.map((p) => p.Id))
  const places = new Set(doc.Environments.map((e) => e.Id))
  const everywhere = places.size < columnsAtOnce // all that the first projects go through
  if (!chunk.projects.every((p) => projects.has(p)) || !(everywhere || chunk.environments.every((e) => places.has(e)))) return undefined
  return { ...doc, Projects: first.filter((p) => chunk.projects.includes(p.Id)) }
}

/** The item that a cell shows: the newest deployment there, whichever tenant it is for. */
export function cellsOf(items: Item[]): Map<string, Item> {
  const cells = new Map<string, Item>()
  for (const item of items) {
    const key = `${item.ProjectId} ${item.EnvironmentId}`
    const old = cells.get(key)
    if (!old || old.Created < item.Created) cells.set(key, item)
  }
  return cells
}

/** A cell: a row of the board, and a column, of which the first holds the names. */
export interface Place {
  row: number
  column: number
}

/** Where a key leads from a cell; undefined for a key that leads nowhere. Groups are passed over: there is nothing to open. */
export function moved(from: Place, key: string, far: boolean, rows: Entry[], environments: number, page: number): Place | undefined {
  const projects = rows.flatMap((r, i) => (r.kind === 'project' ? [i] : []))
  if (projects.length === 0) return undefined
  const now = Math.max(0, projects.findLastIndex((i) => i <= from.row))
  const down = (n: number): Place => ({ row: projects[Math.min(projects.length - 1, Math.max(0, n))]!, column: from.column })
  const across = (n: number): Place => ({ row: projects[now]!, column: Math.min(environments, Math.max(0, n)) })
  switch (key) {
    case 'ArrowDown': return down(now + 1)
    case 'ArrowUp': return down(now - 1)
    case 'PageDown': return down(now + page)
    case 'PageUp': return down(now - page)
    case 'ArrowRight': return across(from.column + 1)
    case 'ArrowLeft': return across(from.column - 1)
    case 'Home': return far ? { row: projects[0]!, column: 0 } : across(0)
    case 'End': return far ? { row: projects.at(-1)!, column: environments } : across(environments)
    default: return undefined
  }
}
