// The server's event stream: what changed is read again within moments, and nothing is polled. A stream that is lost
// comes back by itself, at another node perhaps, and goes on after the last event that it had.
import type { QueryClient } from '@tanstack/react-query'
import { sessionKey } from '../session/session'
import { affected, isAffected } from './affected'
import { takeEarlyStream } from './early'

const gatherFor = 120
const hiddenFor = 60_000

/** How the stream stands: the layout shows it when it is not live. */
export type Liveness = 'connecting' | 'live' | 'lost'

export class Events {
  private source: EventSource | undefined
  private stale = new Set<string>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private hidden: ReturnType<typeof setTimeout> | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  private last = ''
  private missed = false

  constructor(private readonly client: QueryClient, private readonly say: (l: Liveness) => void) {}

  start() {
    document.addEventListener('visibilitychange', this.seen)
    this.open()
  }

  stop() {
    document.removeEventListener('visibilitychange', this.seen)
    clearTimeout(this.timer)
    clearTimeout(this.hidden)
    clearTimeout(this.retry)
    this.source?.close()
    this.source = undefined
  }

  // A page that nobody looks at keeps no connection: browsers allow few to a host.
  private seen = () => {
    clearTimeout(this.hidden)
    if (document.hidden) {
      this.hidden = setTimeout(() => {
        this.source?.close()
        this.source = undefined
      }, hiddenFor)
    } else if (!this.source) {
      this.missed = true
      this.open()
    }
  }

  private open() {
    this.say('connecting')
    const early = this.last ? undefined : takeEarlyStream()
    this.missed ||= early?.lost ?? false
    const source = early?.source ?? new EventSource(`/api/events/stream${this.last ? `?lastEventId=${encodeURIComponent(this.last)}` : ''}`)
    this.source = source
    const opened = () => {
      this.say('live')
      // What happened in between is not known for certain: read again what is shown.
      if (this.missed) void this.client.invalidateQueries()
      this.missed = false
    }
    source.onopen = opened
    source.onerror = () => {
      this.missed = true
      this.say('lost')
      if (source.readyState !== EventSource.CLOSED) return // the browser connects again by itself
      // A stream that is refused may mean that nobody is signed in any more.
      void this.client.invalidateQueries({ queryKey: sessionKey }, { cancelRefetch: false })
      this.retry = setTimeout(() => this.source === source && this.open(), 1000)
    }
    const hear = (e: MessageEvent) => {
      if (e.type === 'task') return this.mark(affected('ServerTasks-'))
      this.last = e.lastEventId
      const data = JSON.parse(String(e.data)) as { Type: string; DocumentId: string }
      this.mark(affected(data.DocumentId, data.Type))
    }
    source.addEventListener('change', hear)
    source.addEventListener('task', hear)
    early?.events.forEach(hear)
    if (source.readyState === EventSource.OPEN) opened()
  }

  private mark(words: string[]) {
    for (const w of words) this.stale.add(w)
    this.timer ??= setTimeout(() => {
      const now = [...this.stale]
      this.stale.clear()
      this.timer = undefined
      void this.client.invalidateQueries({ predicate: (q) => isAffected(String(q.queryKey[0]), now) })
    }, gatherFor)
  }
}
