// React's side of the API: queries that the event stream keeps fresh, and writes.
import { QueryClient, keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Failed, call, early, pathOf } from './client'
import type { Answer, GetOp, Input, Op } from './client'
import { readSession, sessionKey } from '../session/session'
import { useSpaceId } from '../session/space'
import { earlyPaths } from './early'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, e) => count < 3 && !(e instanceof Failed && e.status >= 400 && e.status < 500),
      retryDelay: (n) => Math.min(250 * 2 ** n, 3000),
    },
  },
})

/** Takes what was asked for early, so that the first render has what is there already. */
export function prefetch() {
  void queries.prefetchQuery({ queryKey: sessionKey, queryFn: readSession, staleTime: Infinity })
  for (const path of earlyPaths()) void queries.prefetchQuery({ queryKey: [path], queryFn: () => early(path) })
}

type Rest<K extends Op> = Omit<Input<K>, 'space' | 'body'>
type Given<K extends Op> = object extends Rest<K> ? [input?: Rest<K> & { space?: string }] : [input: Rest<K> & { space?: string }]
export interface Options {
  enabled?: boolean
  keep?: boolean
}

/** The key of a query is the path that it reads: the event stream finds by it what has changed. */
export const keyOf = <K extends GetOp>(op: K, input: Input<K>) => [pathOf(op, input)] as const

/** Reads; in the space that the page shows, unless the input names one. */
export function useGet<K extends GetOp>(op: K, ...[input, options]: [...Given<K>, options?: Options]) {
  const space = useSpaceId()
  const whole = { space, ...input } as unknown as Input<K>
  return useQuery({
    queryKey: keyOf(op, whole),
    queryFn: ({ signal }) => call(op, whole, signal),
    enabled: (options as Options | undefined)?.enabled ?? true,
    ...((options as Options | undefined)?.keep ? { placeholderData: keepPreviousData } : {}),
  })
}

/** A write; done is called with the answer after what it touched was marked stale. */
export function useWrite<K extends Op>(op: K, done?: (answer: Answer<K>) => void) {
  const space = useSpaceId()
  const client = useQueryClient()
  return useMutation<Answer<K>, Failed, Omit<Input<K>, 'space'> & { space?: string }>({
    mutationFn: (input) => call(op, { space, ...input } as unknown as Input<K>),
    onSuccess: (answer) => {
      const noun = op.split('/').find((s) => s && s !== 'api' && !s.includes('{') && !s.includes(' ')) ?? ''
      void client.invalidateQueries({ predicate: (q) => String(q.queryKey[0]).includes(`/${noun}`) })
      done?.(answer)
    },
  })
}
