import { expect, test } from 'vitest'
import { choiceOf, chosen, keptWords, words } from './keeping'
import type { Kept } from './keeping'

const kept = (Strategy: string, QuantityToKeep = 0, Unit = 'Items'): Kept => ({ Strategy, QuantityToKeep, Unit, ShouldKeepForever: Strategy !== 'Count' })

test('what the space says is a choice of its own, not for ever', () => {
  expect(choiceOf(kept('Default'), 'Lifecycle')).toBe('Default')
  expect(choiceOf(kept('Forever'), 'Lifecycle')).toBe('Forever')
  expect([choiceOf(kept('Count', 3), 'Default'), choiceOf(kept('Count', 3, 'Days'), 'Default')]).toEqual(['Items', 'Days'])
  expect([choiceOf(null, 'Lifecycle'), choiceOf(undefined, 'Default')]).toEqual(['Lifecycle', 'Default'])
  // As older clients write it.
  expect(choiceOf({ ...kept(''), ShouldKeepForever: true }, 'Default')).toBe('Forever')
  expect(choiceOf({ ...kept('', 5), ShouldKeepForever: false }, 'Default')).toBe('Items')
})

test('every choice is sent so that it reads as itself', () => {
  for (const c of ['Lifecycle', 'Default', 'Forever', 'Items', 'Days'] as const) expect(choiceOf(chosen(c, kept('Count', 7)), 'Lifecycle')).toBe(c)
  expect(chosen('Days', kept('Count', 7))?.QuantityToKeep).toBe(7)
  expect(chosen('Items', kept('Default'))?.QuantityToKeep).toBe(3)
})

test('it reads as a sentence', () => {
  expect([kept('Forever'), kept('Count', 1), kept('Count', 3), kept('Count', 1, 'Days'), kept('Count', 30, 'Days')].map(words)).toEqual(['all of them', 'the last one', 'the last 3', 'those of the last day', 'those of the last 30 days'])
  const standard = { Strategy: 'Count', QuantityToKeep: 14, Unit: 'Days' }
  expect(keptWords(kept('Default'), standard)).toBe('those of the last 14 days, as the space says')
  expect(keptWords(kept('Forever'), standard)).toBe('all of them')
  expect(keptWords(undefined, undefined)).toBe('as the space says')
})
