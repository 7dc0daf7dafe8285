// The keys that work on every page: "/" searches, "?" helps, and "g" with a letter goes somewhere.
import { useEffect, useRef } from 'react'

export const places = [
  { key: 'd', to: '/$space', name: 'Dashboard' },
  { key: 'p', to: '/$space/projects', name: 'Projects' },
  { key: 'i', to: '/$space/infrastructure', name: 'Infrastructure' },
  { key: 'l', to: '/$space/library', name: 'Library' },
  { key: 't', to: '/$space/tasks', name: 'Tasks' },
  { key: 'c', to: '/$space/configuration', name: 'Configuration' },
] as const

/** What a key means, with the key before it; undefined for nothing. */
export function meaning(key: string, before: string): { do: 'search' | 'help' } | { go: string } | undefined {
  if (before === 'g') {
    const place = places.find((p) => p.key === key)
    return place && { go: place.to }
  }
  if (key === '/') return { do: 'search' }
  if (key === '?') return { do: 'help' }
  return undefined
}

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="dialog"],[role="listbox"],[role="menu"]') !== null)

export function useKeys(actions: { search: () => void; help: () => void; go: (to: string) => void }) {
  const now = useRef(actions)
  now.current = actions
  useEffect(() => {
    let before = ''
    let at = 0
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return
      const found = meaning(e.key, Date.now() - at < 1000 ? before : '')
      before = e.key
      at = Date.now()
      if (!found) return
      e.preventDefault()
      before = ''
      if ('go' in found) now.current.go(found.go)
      else now.current[found.do]()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}
