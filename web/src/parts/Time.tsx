import { Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ago, lasted } from './when'

/** The present, again every so often; 0: once. */
export function useNow(every = 10_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!every) return undefined
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

/** When something was, in the reader's zone; the exact time on hover. A page has many of these: the tooltip is made when a pointer comes. */
export function Time({ at, none = '' }: { at: string | null | undefined; none?: string }) {
  const now = useNow()
  const [near, setNear] = useState(false)
  if (!at) return <>{none}</>
  const time = (
    <time dateTime={at} onPointerEnter={() => setNear(true)}>
      {ago(at, now)}
    </time>
  )
  return near ? <Tooltip label={new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })}>{time}</Tooltip> : time
}

export function Lasted({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const now = useNow(to ? 0 : 1000)
  return <>{lasted(from, to, now)}</>
}
