// Which blocks of a log are folded, also as words for the address: the folded blocks' IDs, or * for all below the roots and the IDs of those
// that are open nevertheless, whichever is shorter.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useFilter } from '../../parts/filter'
import type { Node } from './log'

// What every browser and proxy takes for an address. Folds that need more are kept in the page alone.
const longest = 2000

/** The blocks that words fold; below are all that are not roots. */
export function foldedBy(words: string, below: string[]): ReadonlySet<string> {
  const [first, ...open] = words.split(',')
  if (first === '*') return new Set(below.filter((id) => !open.includes(id)))
  return new Set(words.split(',').filter(Boolean))
}

/** The words that fold these blocks. */
export function wordsOf(folded: ReadonlySet<string>, below: string[]): string {
  const open = below.filter((id) => !folded.has(id))
  const list = [...folded]
  const roots = list.length + open.length > below.length
  return (roots || list.length <= open.length + 1 ? list : ['*', ...open]).join(',')
}

/** The blocks on the way from a root to this one. */
export function wayTo(block: string, list: Node[]): string[] {
  for (const n of list) {
    if (n.Id === block) return [n.Id]
    const below = wayTo(block, n.children)
    if (below.length > 0) return [n.Id, ...below]
  }
  return []
}

export function useFolds(roots: Node[]) {
  const [linked, link] = useFilter('folded')
  const [words, setWords] = useState(linked)
  const below = useMemo(() => {
    const list = (nodes: Node[]): string[] => nodes.flatMap((n) => [n.Id, ...list(n.children)])
    return roots.flatMap((r) => list(r.children))
  }, [roots])
  const folded = useMemo(() => foldedBy(words, below), [words, below])
  const said = useRef(words)
  useEffect(() => {
    if (words === said.current) return
    said.current = words
    link(words.length <= longest ? words : null)
  }, [words, link])
  const set = useCallback((change: (old: ReadonlySet<string>) => string[]) => setWords((old) => wordsOf(new Set(change(foldedBy(old, below))), below)), [below])
  return {
    folded,
    toggle: (id: string) => set((old) => (old.has(id) ? [...old].filter((x) => x !== id) : [...old, id])),
    /** Folds everything below the roots, what is still to come too; or unfolds it. */
    toggleAll: () => setWords(words ? '' : '*'),
    /** Unfolds what hides a block. */
    unfoldTo: useCallback(
      (block: string) => {
        const way = wayTo(block, roots)
        set((old) => [...old].filter((id) => !way.includes(id)))
      },
      [roots, set],
    ),
  }
}
