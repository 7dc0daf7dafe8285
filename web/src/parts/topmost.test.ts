import { expect, test } from 'vitest'
import { Pile } from './topmost'

test('the last that came is on top, until it goes', () => {
  const pile = new Pile()
  const [below, above] = [Symbol('below'), Symbol('above')]
  expect(pile.top()).toBeUndefined()
  const takeBelow = pile.lay(below)
  const takeAbove = pile.lay(above)
  expect(pile.top()).toBe(above)
  takeAbove()
  expect(pile.top()).toBe(below)
  takeBelow()
  expect(pile.top()).toBeUndefined()
})

test('what goes from below leaves the top where it is', () => {
  const pile = new Pile()
  const takeBelow = pile.lay(Symbol('below'))
  const above = Symbol('above')
  pile.lay(above)
  takeBelow()
  expect(pile.top()).toBe(above)
})

test('whoever watches hears of each change, and of none afterwards', () => {
  const pile = new Pile()
  const seen: (symbol | undefined)[] = []
  const stop = pile.watch(() => seen.push(pile.top()))
  const one = Symbol('one')
  const take = pile.lay(one)
  take()
  stop()
  pile.lay(one)
  expect(seen).toEqual([one, undefined])
})
