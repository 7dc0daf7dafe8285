import { expect, test } from 'vitest'
import { Lines, chunkSize, percentOf, rowAfter, rowOf, searchAll, stretchAt, stretchesOf, treeOf } from './log'
import type { Block, Line, Search } from './log'
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

const soon = () => new Promise((r) => setTimeout(r))

test('lines near to what is shown are read once, and again when the block has grown', async () => {
  const asked: string[] = []
  let changed = 0
  const lines = new Lines((b, from, count) => {
    asked.push(`${b} ${from}`)
    return Promise.resolve(Array.from({ length: Math.min(count, 350 - from) }, (_, i) => ({ MessageText: `${from + i}` }) as Line))
  }, () => changed++, 3)
  const see = (block: string, from: number, to: number, total: number) => lines.see([{ block, from, to, total }])
  see('b', 0, 40, 300)
  see('b', 0, 60, 300)
  await soon()
  see('b', chunkSize, 299, 300)
  await soon()
  expect(asked).toEqual(['b 0', `b ${chunkSize}`])
  expect(lines.get('b', 42)?.MessageText).toBe('42')
  expect(changed).toBe(2)
  see('b', 250, 349, 400) // more lines have come
  expect(asked.length).toBe(3)
  await soon()
  for (const b of ['c', 'd', 'e']) {
    see(b, 0, 1, 10)
    await soon()
  }
  expect(lines.get('b', 42)).toBeUndefined() // the oldest went
})

test('who drags through a million lines loads few of them, and where they end all that is in view', async () => {
  const asked: string[] = []
  const answers: (() => void)[] = []
  const lines = new Lines((b, from, count) => {
    asked.push(`${b} ${from}`)
    return new Promise((done) => answers.push(() => done(Array.from({ length: count }, (_, i) => ({ MessageText: `${from + i}` }) as Line))))
  }, () => {}, 100, 2)
  for (let from = 0; from < 1_000_000; from += 5000) lines.see([{ block: 'b', from, to: from + 90, total: 1_000_000 }])
  expect(asked).toEqual(['b 0', 'b 5000'])
  lines.see([{ block: 'b', from: 999_390, to: 999_999, total: 1_000_000 }])
  while (answers.length > 0) {
    answers.shift()!()
    await soon()
  }
  expect(asked).toEqual(['b 0', 'b 5000', 'b 999200', 'b 999400', 'b 999600', 'b 999800'])
  expect(lines.get('b', 999_999)?.MessageText).toBe('999999')
})

test('no more lines are kept than that', async () => {
  const lines = new Lines((_, from, count) => Promise.resolve(Array.from({ length: count }, (_, i) => ({ MessageText: `${from + i}` }) as Line)), () => {})
  for (let from = 0; from < 100_000; from += chunkSize) {
    lines.see([{ block: 'b', from, to: from + 90, total: 1_000_000 }])
    await Promise.resolve()
  }
  await soon()
  let kept = 0
  for (let n = 0; n < 100_000; n++) if (lines.get('b', n)) kept++
  expect(kept).toBeGreaterThan(1000)
  expect(kept).toBeLessThanOrEqual(20_000)
})

test('a search goes on where its last part ended, until there is enough', async () => {
  const parts: Search[] = [
    { Found: [{ BlockId: 'a', Line: 3 }], Next: { BlockId: 'b', Line: 250_000 } },
    { Found: [], Next: { BlockId: 'b', Line: 500_000 } },
    { Found: [{ BlockId: 'b', Line: 600_000 }], Next: null },
  ]
  const asked: unknown[] = []
  const said: number[] = []
  let all: unknown
  const ask = (most: number) => (from: Search['Next'], left: number) => Promise.resolve(parts[asked.push([from?.Line, left, most]) - 1]!)
  await searchAll(ask(10), 10, (found) => said.push((all = found).length))
  expect(asked).toEqual([[undefined, 10, 10], [250_000, 9, 10], [500_000, 9, 10]])
  expect(said).toEqual([1, 1, 2])
  expect(all).toEqual([{ block: 'a', line: 3 }, { block: 'b', line: 600_000 }])
  asked.length = 0
  await searchAll(ask(1), 1, () => {})
  expect(asked.length).toBe(1)
})

test('why a task waits, in words', () => {
  expect(waitingWords('Executing', false, '', 'nothing of it')).toBe('')
  expect(waitingWords('Queued', false, '', '2 tasks are before it in the queue.')).toBe('2 tasks are before it in the queue.')
  expect(waitingWords('Queued', false, '', 'It starts at 2026-11-22T10:00:00Z.')).toMatch(/^It starts at .*2026.*\d\d?:\d\d.*\.$/)
  expect(waitingWords('Queued', false, '')).toBe('')
  expect(waitingWords('Queued', true, '')).toContain('held')
  expect(waitingWords('Executing', false, 'for a person')).toBe('It waits: for a person')
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
