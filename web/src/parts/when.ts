// Times and durations in words. All of them take "now", so that they can be tested.

/** How long ago, or in how long, in the words of a glance: "3 min ago", "in 2 h". */
export function ago(iso: string, now: number): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000)
  const size = Math.abs(seconds)
  if (size < 10) return 'just now'
  const text = size < 60 ? `${size} s` : size < 3600 ? `${Math.floor(size / 60)} min` : size < 86_400 ? `${Math.floor(size / 3600)} h` : size < 86_400 * 45 ? `${Math.floor(size / 86_400)} d` : ''
  if (!text) return new Date(iso).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' })
  return seconds > 0 ? `${text} ago` : `in ${text}`
}

/** A duration between two moments: "4 s", "2 min 10 s", "1 h 3 min". */
export function lasted(from: string | null | undefined, to: string | null | undefined, now: number): string {
  if (!from) return ''
  const seconds = Math.max(0, Math.round(((to ? Date.parse(to) : now) - Date.parse(from)) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** Bytes for people. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let i = -1
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${units[i]}`
}
