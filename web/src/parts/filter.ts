// Filters live in the address, so that a view can be sent to somebody.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

export function useFilter(name: string, otherwise = ''): [string, (value: string | null) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  const value = search[name]
  const set = useCallback(
    (next: string | null) => {
      // Another filter has other pages: it begins with the first.
      const search = (old: Record<string, unknown>) => ({ ...old, ...(name === 'page' ? {} : { page: undefined }), [name]: next || undefined })
      void navigate({ to: '.', replace: true, resetScroll: name === 'page', search: search as never })
    },
    [name, navigate],
  )
  return [value === undefined || value === null ? otherwise : String(value), set]
}
