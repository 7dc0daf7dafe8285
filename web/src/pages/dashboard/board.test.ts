import { expect, test } from 'vitest'
import { cellsOf, chosenOf, chunkOf, chunksOf, columnsAtOnce, isChosen, moved, rowsAtOnce, rowsOf } from './board'
import type { Entry, Item } from './board'

const project = (id: string, group: string, name = id) => ({ Id: id, Name: name, ProjectGroupId: group }) as never
const doc = { ProjectGroups: [{ Id: 'g1', Name: 'Web' }, { Id: 'g2', Name: 'Back' }] as never, Projects: [project('p1', 'g1', 'Shop'), project('p2', 'g2', 'Stock'), project('p3', 'g1', 'Blog')] }
const names = (rows: Entry[]) => rows.map((r) => (r.kind === 'group' ? `# ${r.name} ${r.count}` : r.project.Name))

test('rows are groups with their projects, filtered', () => {
  expect(names(rowsOf(doc, { text: '', group: '' }))).toEqual(['# Web 2', 'Shop', 'Blog', '# Back 1', 'Stock'])
  expect(names(rowsOf(doc, { text: ' sT', group: '' }))).toEqual(['# Back 1', 'Stock'])
  expect(names(rowsOf(doc, { text: '', group: 'g1' }))).toEqual(['# Web 2', 'Shop', 'Blog'])
})

test('only the parts that are seen are asked for, on a raster', () => {
  const rows: Entry[] = Array.from({ length: 1000 }, (_, i) => ({ kind: 'project', project: project(`p${i}`, 'g') }))
  const environments = Array.from({ length: 50 }, (_, i) => `e${i}`)
  const chunks = chunksOf(rows, environments, { top: 25, bottom: 45, left: 0, right: 11 })
  expect(chunks.map((c) => [c.projects[0], c.projects.length, c.environments[0], c.environments.length])).toEqual([
    ['p20', rowsAtOnce, 'e0', columnsAtOnce],
    ['p40', rowsAtOnce, 'e0', columnsAtOnce],
  ])
  expect(chunksOf(rows, environments, { top: 990, bottom: 1400, left: 49, right: 60 }).map((c) => [c.projects.length, c.environments])).toEqual([[20, ['e48', 'e49']]])
  expect(chunksOf([], environments, { top: 0, bottom: 0, left: 0, right: 0 })).toEqual([])
})

test('the first part comes with the rows, if it is there whole', () => {
  const ids = (n: number, prefix: string) => Array.from({ length: n }, (_, i) => `${prefix}${i}`)
  const answer = (environments: number) => ({ Projects: ids(1000, 'p').map((id) => project(id, 'g')), Environments: ids(environments, 'e').map((Id) => ({ Id })), Items: [] }) as never
  const chunk = { projects: ids(19, 'p'), environments: ids(12, 'e') }
  expect(chunkOf(answer(columnsAtOnce), chunk)?.Projects.length).toBe(19)
  expect(chunkOf(answer(columnsAtOnce), { ...chunk, projects: ['p20'] })).toBeUndefined()
  expect(chunkOf(answer(columnsAtOnce), { ...chunk, environments: ['e12'] })).toBeUndefined()
  expect(chunkOf(answer(3), chunk)).toBeDefined() // the projects go through three environments and no others
})

test('a cell shows the newest deployment', () => {
  const item = (created: string, version: string) => ({ ProjectId: 'p', EnvironmentId: 'e', Created: created, ReleaseVersion: version }) as Item
  expect(cellsOf([item('2026-01-02', '2'), item('2026-01-03', '3'), item('2026-01-01', '1')]).get('p e')?.ReleaseVersion).toBe('3')
})

test('arrow keys go from cell to cell, and pass groups over', () => {
  const rows = rowsOf(doc, { text: '', group: '' }) // # Web, Shop, Blog, # Back, Stock
  const from = { row: 2, column: 1 }
  const go = (key: string, far = false, start = from) => moved(start, key, far, rows, 3, 10)
  expect(go('ArrowDown')).toEqual({ row: 4, column: 1 })
  expect(go('ArrowUp')).toEqual({ row: 1, column: 1 })
  expect(go('ArrowUp', false, { row: 1, column: 0 })).toEqual({ row: 1, column: 0 })
  expect(go('ArrowLeft')).toEqual({ row: 2, column: 0 })
  expect(go('ArrowRight', false, { row: 1, column: 3 })).toEqual({ row: 1, column: 3 })
  expect(go('PageDown')).toEqual({ row: 4, column: 1 })
  expect(go('End')).toEqual({ row: 2, column: 3 })
  expect(go('Home', true)).toEqual({ row: 1, column: 0 })
  expect(go('x')).toBeUndefined()
  expect(moved(from, 'ArrowDown', false, [], 3, 10)).toBeUndefined()
})

test('a user sees what is chosen', () => {
  const all = { IncludedProjectGroupIds: [], IncludedProjectIds: [], IncludedEnvironmentIds: [], ProjectLimit: null }
  const seen = (c: Partial<Parameters<typeof chosenOf>[1]>) => chosenOf(doc.Projects, { ...all, ...c }).map((p: { Id: string }) => p.Id)
  expect(seen({})).toEqual(['p1', 'p2', 'p3'])
  expect(seen({ IncludedProjectGroupIds: ['g1'] })).toEqual(['p1', 'p3'])
  expect(seen({ IncludedProjectGroupIds: ['g1'], IncludedProjectIds: ['p3', 'p2'] })).toEqual(['p1', 'p2', 'p3'])
  expect(seen({ IncludedProjectIds: ['p2'] })).toEqual(['p2'])
  expect(seen({ ProjectLimit: 2 })).toEqual(['p1', 'p2'])
  expect([isChosen(all), isChosen({ ...all, ProjectLimit: 2 }), isChosen({ ...all, IncludedEnvironmentIds: ['e'] })]).toEqual([false, true, true])
})
