import { Pagination } from '@mantine/core'

const words = { first: 'First page', previous: 'The page before', next: 'The next page', last: 'Last page' } as const

/** The pages of a list that is longer than one. */
export function Pages({ of, page, go }: { of: number; page: string; go: (page: string) => void }) {
  if (of <= 1) return null
  return <Pagination size="sm" total={of} value={Number(page)} onChange={(n) => go(String(n))} getControlProps={(c) => ({ 'aria-label': words[c] })} getItemProps={(n) => ({ 'aria-label': `Page ${n}` })} />
}
