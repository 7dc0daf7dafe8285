import type { Query, QueryClient } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import { Events } from './events'

class Source extends EventTarget {
  static readonly [name: string]: unknown
  onopen?: () => void
  onerror?: () => void
  constructor(readonly url = 'early', readonly readyState = 1) {
    super()
  }
  close() {}
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** What a page makes of a stream that was opened before its code was here. */
function begun(early: { readyState: number; lost: boolean }) {
  vi.useFakeTimers()
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('EventSource', Object.assign(Source, { OPEN: 1, CLOSED: 2 }))
  const source = new Source('early', early.readyState)
  const told = new MessageEvent('change', { data: JSON.stringify({ Type: 'Machines', DocumentId: 'Machines-1' }), lastEventId: 'Events-7' })
  vi.stubGlobal('earlyStream', { source, events: [told], keep: () => {}, lost: early.lost })
  const said: string[] = []
  const stale: boolean[] = []
  const invalidateQueries = (f?: { predicate: (q: Query) => boolean }) => void stale.push(f ? f.predicate({ queryKey: ['/api/Spaces-1/machines/all'] } as unknown as Query) : true)
  const events = new Events({ invalidateQueries } as unknown as QueryClient, (l) => said.push(l))
  events.start()
  const atOnce = stale.length
  vi.runAllTimers()
  events.stop()
  return { said, atOnce, stale }
}

test('a stream that is open already is gone on with, and what it has said counts', () => {
  expect(begun({ readyState: 1, lost: false })).toEqual({ said: ['connecting', 'live'], atOnce: 0, stale: [true] })
})

test('after a stream that was lost in between everything is read again', () => {
  expect(begun({ readyState: 1, lost: true })).toEqual({ said: ['connecting', 'live'], atOnce: 1, stale: [true, true] })
})

test('in place of a stream that has ended there is another', () => {
  expect(begun({ readyState: 2, lost: false }).stale).toEqual([])
})
