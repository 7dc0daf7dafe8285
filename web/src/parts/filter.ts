// Filters live in the address, so that a view can be sent to somebody.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

/** A filter by its name; clears is another, which means something only for this one's value. Another filter has other pages: it begins with the first. */
export function useFilter(name: string, otherwise = '', clears = 'page'): [string, (value: string | null) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  const value = search[name]
  const set = useCallback(
    (next: string | null) => {
      const search = (old: Record<string, unknown>) => ({ ...old, [clears]: undefined, [name]: next || undefined })
      void navigate({ to: '.', replace: true, resetScroll: name === 'page', search: search as never })
    },
    [name, clears, navigate],
  )
  return [value === undefined || value === null ? otherwise : String(value), set]
}
