// The model of a task's log as rows: each block's head, below it its lines, then its children. Nothing here holds a line's
// text but the cache, which keeps what is near to what is shown.
import type { Schemas } from '../../api/schema'

export type Line = Schemas['Line']

export interface Block {
  Id: string
  ParentId: string
  Name: string
  Status: string
  Place: number
  Started: string | null
  Ended: string | null
  ProgressPercentage: number
  ProgressMessage: string
  LineCount: number
}

export interface Node extends Block {
  depth: number
  children: Node[]
}

/** Arranges blocks as a tree, siblings by their place. */
export function treeOf(blocks: Iterable<Block>): Node[] {
  const nodes = new Map<string, Node>()
  for (const b of blocks) nodes.set(b.Id, { ...b, depth: 0, children: [] })
  const roots: Node[] = []
  for (const n of nodes.values()) {
    const parent = n.ParentId && n.ParentId !== n.Id ? nodes.get(n.ParentId) : undefined
    ;(parent ? parent.children : roots).push(n)
  }
  const arrange = (list: Node[], depth: number) => {
    list.sort((a, b) => a.Place - b.Place)
    for (const n of list) {
      n.depth = depth
      arrange(n.children, depth + 1)
    }
  }
  arrange(roots, 0)
  return roots
}

/** How far a task is: what its root says, or how many of the steps below it have ended. */
export function percentOf(roots: Node[]): number {
  const steps = roots.flatMap((r) => r.children)
  const said = Math.max(0, ...roots.map((r) => r.ProgressPercentage))
  return said || (steps.length > 0 ? Math.floor((100 * steps.filter((s) => s.Ended).length) / steps.length) : 0)
}

/** A stretch of rows: the head of a block, or its lines. */
export interface Stretch {
  start: number
  count: number
  node: Node
  lines: boolean
}

/** The rows of what is unfolded. A million lines are a few stretches. */
export function stretchesOf(roots: Node[], folded: ReadonlySet<string>): { stretches: Stretch[]; rows: number } {
  const stretches: Stretch[] = []
  let rows = 0
  const walk = (n: Node) => {
    stretches.push({ start: rows++, count: 1, node: n, lines: false })
    if (folded.has(n.Id)) return
    if (n.LineCount > 0) {
      stretches.push({ start: rows, count: n.LineCount, node: n, lines: true })
      rows += n.LineCount
    }
    for (const c of n.children) walk(c)
  }
  for (const r of roots) walk(r)
  return { stretches, rows }
}

/** The stretch that holds a row. */
export function stretchAt(stretches: Stretch[], row: number): Stretch | undefined {
  let low = 0
  let high = stretches.length - 1
  while (low <= high) {
    const mid = (low + high) >> 1
    const s = stretches[mid]!
    if (row < s.start) high = mid - 1
    else if (row >= s.start + s.count) low = mid + 1
    else return s
  }
  return undefined
}

/** The row of a block's line; of its head without a line. */
export function rowOf(stretches: Stretch[], block: string, line?: number): number | undefined {
  const s = stretches.find((x) => x.node.Id === block && x.lines === (line !== undefined))
  return s && s.start + Math.min(line ?? 0, s.count - 1)
}

/** Where a key leads from a row; undefined for a key that leads nowhere. */
export function rowAfter(key: string, row: number, rows: number, page: number): number | undefined {
  const to = (n: number) => Math.min(rows - 1, Math.max(0, n))
  switch (key) {
    case 'ArrowDown': return to(row + 1)
    case 'ArrowUp': return to(row - 1)
    case 'PageDown': return to(row + page)
    case 'PageUp': return to(row - page)
    case 'Home': return 0
    case 'End': return rows - 1
    default: return undefined
  }
}

export const chunkSize = 200

/** Lines of a block that are in view. total is how many the block has. */
export interface Range {
  block: string
  from: number
  to: number
  total: number
}

/**
 * The lines that are near to what is shown, by block and chunk; the oldest go when there are too many. Few chunks are on
 * their way at once, and what has left the view before its turn came is not asked for: who drags through a million lines
 * does not load them.
 */
export class Lines {
  private chunks = new Map<string, Line[]>()
  private asked = new Set<string>()
  private missing: { key: string; block: string; from: number }[] = []

  constructor(
    private readonly read: (block: string, from: number, count: number) => Promise<Line[]>,
    private readonly changed: () => void,
    private readonly most = 100,
    private readonly atOnce = 2,
  ) {}

  get(block: string, line: number): Line | undefined {
    return this.chunks.get(`${block} ${Math.floor(line / chunkSize)}`)?.[line % chunkSize]
  }

  /** Says what is in view now: that is loaded, and kept longest. */
  see(ranges: Range[]) {
    this.missing = []
    for (const { block, from, to, total } of ranges) {
      for (let c = Math.floor(from / chunkSize); c <= Math.floor(to / chunkSize); c++) {
        const key = `${block} ${c}`
        const have = this.chunks.get(key)
        const full = Math.min(chunkSize, total - c * chunkSize)
        if (have) this.touch(key, have)
        if (full > 0 && (!have || have.length < full)) this.missing.push({ key, block, from: c * chunkSize })
      }
    }
    this.load()
  }

  private load() {
    for (const { key, block, from } of this.missing) {
      if (this.asked.size >= this.atOnce) return
      if (this.asked.has(key)) continue
      this.asked.add(key)
      this.read(block, from, chunkSize)
        .then((lines) => {
          this.touch(key, lines)
          this.changed()
        })
        .catch(() => setTimeout(this.changed, 1000)) // asked for again with the next look
        .finally(() => {
          this.asked.delete(key)
          this.missing = this.missing.filter((m) => m.key !== key)
          this.load()
        })
    }
  }

  private touch(key: string, lines: Line[]) {
    this.chunks.delete(key)
    this.chunks.set(key, lines)
    for (const old of this.chunks.keys()) {
      if (this.chunks.size <= this.most) break
      this.chunks.delete(old)
    }
  }
}

export interface Found {
  block: string
  line: number
}

/** What the server found in a part of a log, and where it goes on. */
export type Search = Omit<Schemas['Search'], 'Next'> & { Next: Schemas['Spot'] | null }

/** Searches a log to its end or until so much is found, part by part; said is called with all that was found so far. */
export async function searchAll(ask: (from: Search['Next'], most: number) => Promise<Search>, most: number, said: (found: Found[]) => void): Promise<void> {
  let found: Found[] = []
  let next: Search['Next'] = null
  do {
    const part: Search = await ask(next, most - found.length)
    found = [...found, ...part.Found.map((f) => ({ block: f.BlockId, line: f.Line }))]
    said(found)
    next = part.Next
  } while (next && found.length < most)
}
