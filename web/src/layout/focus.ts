// What has the focus may go: a row is deleted, a page is left. The focus then goes to the page, so that the next key and the next Tab
// mean something.
import { useEffect } from 'react'

export function useKeptFocus() {
  useEffect(() => {
    let last: Element | null = null
    const focused = (e: FocusEvent) => {
      last = e.target as Element
    }
    const gone = new MutationObserver(() => {
      if (!last || last.isConnected || document.activeElement !== document.body) return
      last = null
      document.getElementById('page')?.focus({ preventScroll: true })
    })
    document.addEventListener('focusin', focused)
    gone.observe(document.body, { childList: true, subtree: true })
    return () => {
      document.removeEventListener('focusin', focused)
      gone.disconnect()
    }
  }, [])
}
