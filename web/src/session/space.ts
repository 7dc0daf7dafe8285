// Which space the page shows. It stands in the address; the last one is kept for addresses without one.
import { useParams } from '@tanstack/react-router'

const key = 'mantle.space'

export function useSpaceId(): string {
  const { space } = useParams({ strict: false }) as { space?: string }
  return space ?? lastSpace()
}

export const lastSpace = () => localStorage.getItem(key) ?? 'Spaces-1'
export const rememberSpace = (id: string) => localStorage.setItem(key, id)
