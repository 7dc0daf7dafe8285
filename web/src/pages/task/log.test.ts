import { expect, test } from 'vitest'
import { Lines, chunkSize, matches, percentOf, rowAfter, rowOf, stretchAt, stretchesOf, treeOf } from './log'
import type { Block, Line } from './log'
import { waitingWords } from './waiting'

const block = (Id: string, ParentId: string, Place: number, LineCount = 0): Block => ({ Id, ParentId, Place, LineCount, Name: Id, Status: 'Success', Started: null, Ended: null, ProgressPercentage: 0, ProgressMessage: '' })
const blocks = [block('root', '', 0, 1), block('b', 'root', 2, 1_000_000), block('a', 'root', 1), block('a1', 'a', 0, 3)]

test('blocks are a tree in the order of their places', () => {
  const [root] = treeOf(blocks)
  expect(root?.children.map((n) => [n.Id, n.depth])).toEqual([['a', 1], ['b', 1]])
  expect(root?.children[0]?.children[0]?.depth).toBe(2)
})

test('a million lines are a few stretches, and every row is found', () => {
  const { stretches, rows } = stretchesOf(treeOf(blocks), new Set())
  expect(rows).toBe(4 + 1 + 3 + 1_000_000)
  expect(stretches.length).toBe(7)
  expect(stretchAt(stretches, 0)?.node.Id).toBe('root')
  expect(stretchAt(stretches, rows - 1)).toMatchObject({ lines: true, node: { Id: 'b' } })
  expect(stretchAt(stretches, rows)).toBeUndefined()
  const row = rowOf(stretches, 'b', 999_999)!
  expect(row).toBe(rows - 1)
  expect(rowOf(stretches, 'a1')).toBe(3)
  expect(stretchesOf(treeOf(blocks), new Set(['b'])).rows).toBe(8)
})

test('lines near to what is shown are read once, and again when the block has grown', async () => {
  const asked: string[] = []
  let changed = 0
  const lines = new Lines((b, from, count) => {
    asked.push(`${b} ${from}`)
    return Promise.resolve(Array.from({ length: Math.min(count, 700 - from) }, (_, i) => ({ MessageText: `${from + i}` }) as Line))
  }, () => changed++, 3)
  lines.want('b', 0, 40, 600)
  lines.want('b', 0, 60, 600)
  lines.want('b', chunkSize, 599, 600)
  await Promise.resolve()
  await new Promise((r) => setTimeout(r))
  expect(asked).toEqual(['b 0', `b ${chunkSize}`])
  expect(lines.get('b', 42)?.MessageText).toBe('42')
  expect(changed).toBe(2)
  lines.want('b', 550, 699, 800) // more lines have come
  expect(asked.length).toBe(3)
  await new Promise((r) => setTimeout(r))
  for (const b of ['c', 'd', 'e']) lines.want(b, 0, 1, 10)
  await new Promise((r) => setTimeout(r))
  expect(lines.get('b', 42)).toBeUndefined() // the oldest went
})

test('search ignores case', () => {
  expect(matches('b', 100, [{ MessageText: 'Warm' }, { MessageText: 'cold' }, { MessageText: 'a WARM one' }] as Line[], 'warm')).toEqual([{ block: 'b', line: 100 }, { block: 'b', line: 102 }])
})

test('why a task waits, in words', () => {
  expect(waitingWords('Executing', false, '', 0)).toBe('')
  expect(waitingWords('Queued', false, '', 2)).toContain('2 tasks')
  expect(waitingWords('Queued', false, '', 0)).toContain('node')
  expect(waitingWords('Queued', true, '', 0)).toContain('held')
  expect(waitingWords('Executing', false, 'for a person', 0)).toBe('It waits: for a person')
})

test('how far a task is', () => {
  const ended = { ...block('a', 'root', 1), Ended: '2026-11-21T12:00:00Z' }
  expect(percentOf(treeOf([block('root', '', 0), ended, block('b', 'root', 2)]))).toBe(50)
  expect(percentOf(treeOf([{ ...block('root', '', 0), ProgressPercentage: 7 }, ended]))).toBe(7)
  expect(percentOf([])).toBe(0)
})

test('keys lead from row to row', () => {
  expect(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', 'x'].map((k) => rowAfter(k, 5, 20, 10))).toEqual([6, 4, 15, 0, 0, 19, undefined])
  expect(rowAfter('ArrowDown', 19, 20, 10)).toBe(19)
  expect(rowAfter('ArrowUp', 0, 20, 10)).toBe(0)
})
