import { Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ago, lasted } from './when'

/** The present, again every so often. */
export function useNow(every = 10_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

/** When something was, in the reader's zone; the exact time on hover. */
export function Time({ at, none = '' }: { at: string | null | undefined; none?: string }) {
  const now = useNow()
  if (!at) return <>{none}</>
  return (
    <Tooltip label={new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })}>
      <time dateTime={at}>{ago(at, now)}</time>
    </Tooltip>
  )
}

export function Lasted({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const now = useNow(1000)
  return <>{lasted(from, to, now)}</>
}
