import { expect, test } from 'vitest'
import { foldedBy, wayTo, wordsOf } from './folds'
import { treeOf } from './log'
import type { Block } from './log'

const below = ['a', 'a1', 'b', 'c', 'd']

test.each([
  ['', []],
  ['a', ['a']],
  ['root', ['root']],
  ['b,root', ['b', 'root']],
  ['*', below],
  ['*,a', ['a1', 'b', 'c', 'd']],
])('the words %j fold what they were made of', (words, ids) => {
  expect([...foldedBy(words, below)]).toEqual(ids)
  expect(wordsOf(new Set(ids), below)).toBe(words)
})

test('everything folded stays so when blocks come, and a block of an old address does no harm', () => {
  expect(foldedBy('*,a', [...below, 'new']).has('new')).toBe(true)
  expect([...foldedBy('*,gone', ['a'])]).toEqual(['a'])
})

test('the way to a block begins at its root', () => {
  const block = (Id: string, ParentId: string): Block => ({ Id, ParentId, Place: 0, LineCount: 0, Name: Id, Status: 'Success', Started: null, Ended: null, ProgressPercentage: 0, ProgressMessage: '' })
  const roots = treeOf([block('root', ''), block('a', 'root'), block('a1', 'a'), block('b', 'root')])
  expect(wayTo('a1', roots)).toEqual(['root', 'a', 'a1'])
  expect(wayTo('gone', roots)).toEqual([])
})
