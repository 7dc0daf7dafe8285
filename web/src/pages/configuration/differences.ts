import type { Schemas } from '../../api/schema'

const text = (v: unknown): string => (v === undefined || v === null ? '' : typeof v === 'string' ? v : JSON.stringify(v, null, 2))

/** The value at a JSON pointer; undefined where there is none. */
export function at(document: unknown, pointer: string): unknown {
  let here = document
  for (const part of pointer.split('/').slice(1)) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Record<string, unknown>)[part.replace(/~1/g, '/').replace(/~0/g, '~')]
  }
  return here
}

/** What an event changed: each place with what stood there before and what stands there after. */
export function differences(change: Pick<Schemas['ChangeDetails'], 'DocumentContext' | 'Differences'> | null | undefined): { path: string; before: string; after: string }[] {
  return (change?.Differences ?? []).map((d) => ({ path: d.path.slice(1), before: text(at(change?.DocumentContext, d.path)), after: d.op === 'remove' ? '' : text(d.value) }))
}
