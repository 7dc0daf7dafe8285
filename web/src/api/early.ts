// What public/early.js has asked for before this code was here. Each answer is taken once, and soon or never.

const forAtMost = 10_000

interface Early {
  early?: Record<string, Promise<Response>>
  earlyStream?: { source: EventSource; events: MessageEvent[]; keep: (e: MessageEvent) => void; lost: boolean } | undefined
}

const given = () => globalThis as Early

/** The paths whose answers are there or on their way. */
export const earlyPaths = () => Object.keys(given().early ?? {})

/** The answer of a path, if it was asked for and is good. */
export function takeEarly(path: string): Promise<Response | undefined> | undefined {
  const asked = given().early
  const answer = asked?.[path]
  if (!asked || !answer) return undefined
  delete asked[path]
  return performance.now() < forAtMost ? answer.then((a) => (a.ok ? a : undefined)).catch(() => undefined) : undefined
}

/** The event stream, unless it has ended, what it has said so far, and whether it was lost in between. */
export function takeEarlyStream(): { source: EventSource; events: MessageEvent[]; lost: boolean } | undefined {
  const stream = given().earlyStream
  given().earlyStream = undefined
  if (!stream || stream.source.readyState === EventSource.CLOSED) return undefined
  for (const kind of ['change', 'task']) stream.source.removeEventListener(kind, stream.keep)
  return stream
}
