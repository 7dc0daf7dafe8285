import type { Schemas } from '../../api/schema'

const text = (v: unknown): string => (v === undefined || v === null ? '' : typeof v === 'string' ? v : JSON.stringify(v, null, 2))

/** What an event changed: each place with what stood there before and what stands there after. */
export function differences(list: Schemas['Difference'][]): { path: string; before: string; after: string }[] {
  return list.map((raw) => {
    const d = raw as unknown as Record<string, unknown>
    return {
      path: String(d['Path'] ?? d['path'] ?? ''),
      before: text(d['OldValue'] ?? d['Before'] ?? d['oldValue']),
      after: text(d['NewValue'] ?? d['After'] ?? d['Value'] ?? d['value']),
    }
  })
}
