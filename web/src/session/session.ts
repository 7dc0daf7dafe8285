// Who is signed in. There is one answer to that, the server's: the browser keeps a cookie that no script can read.
import { useQuery } from '@tanstack/react-query'
import { Failed, call, setInstallation } from '../api/client'
import type { Schemas } from '../api/schema'

export const sessionKey = ['session'] as const

export interface Session {
  user: Schemas['User'] | null
  root: Schemas['Root']
}

export async function readSession(): Promise<Session> {
  const me = call('GET /api/users/me', {}).catch((e: unknown) => {
    if (e instanceof Failed && e.status === 401) return null
    throw e
  })
  const [root, user] = await Promise.all([call('GET /api', {}), me])
  setInstallation(root.InstallationId)
  return { root, user }
}

export const useSession = () => useQuery({ queryKey: sessionKey, queryFn: readSession, staleTime: Infinity })
