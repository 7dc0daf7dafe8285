import { expect, test } from 'vitest'
import { cellsOf, chunksOf, columnsAtOnce, rowsAtOnce, rowsOf } from './board'
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

test('a cell shows the newest deployment', () => {
  const item = (created: string, version: string) => ({ ProjectId: 'p', EnvironmentId: 'e', Created: created, ReleaseVersion: version }) as Item
  expect(cellsOf([item('2026-01-02', '2'), item('2026-01-03', '3'), item('2026-01-01', '1')]).get('p e')?.ReleaseVersion).toBe('3')
})
