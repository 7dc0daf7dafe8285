import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Empty } from './Page'

/** Nothing is left by the filters of the page, which stand in the address: they can be cleared. */
export function NoMatch({ title, keep }: { title: string; keep?: string[] }) {
  const navigate = useNavigate()
  const cleared = (old: Record<string, unknown>) => Object.fromEntries(Object.entries(old).filter(([name]) => keep?.includes(name)))
  return (
    <Empty
      title={title}
      action={
        <Button variant="default" onClick={() => void navigate({ to: '.', replace: true, search: cleared as never })}>
          Clear the filters
        </Button>
      }
    />
  )
}
