// What a page edits before it is saved: kept when saving fails, asked about when somebody leaves.
import { useBlocker } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'

/** A copy of a document to edit. As long as nobody has edited it, it follows the document. */
export function useDraft<T>(document: T): { draft: T; edit: (next: T | ((old: T) => T)) => void; dirty: boolean; reset: () => void } {
  const [edited, setEdited] = useState<T>()
  const dirty = edited !== undefined
  useBlocker({
    // A filter or a step in the address is still this page.
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname && !window.confirm('What you changed here is not saved. Leave it?'),
    enableBeforeUnload: () => dirty,
    disabled: !dirty,
  })
  const current = edited ?? document
  return {
    draft: current,
    edit: (next) => setEdited((old) => (typeof next === 'function' ? (next as (o: T) => T)(old ?? document) : next)),
    dirty,
    reset: () => setEdited(undefined),
  }
}

/** Saves with Ctrl S or Cmd S. */
export function useSaveKey(save: () => void, enabled: boolean) {
  const now = useRef({ save, enabled })
  now.current = { save, enabled }
  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.key !== 's' || !(e.ctrlKey || e.metaKey)) return
      e.preventDefault()
      if (now.current.enabled) now.current.save()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}
