// What every page is made of: its head, its waiting, its failures, and the words for "there is nothing yet".
import { Alert, Box, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconAlertCircle } from '@tabler/icons-react'
import { useEffect } from 'react'
import type { ReactNode } from 'react'
import { Failed } from '../api/client'

export function Page({ title, note, actions, children, plain }: { title: string; note?: ReactNode; actions?: ReactNode; children: ReactNode; plain?: boolean }) {
  useEffect(() => {
    document.title = `${title} · Mantle`
  }, [title])
  return (
    <Stack gap="sm" h={plain ? '100%' : undefined}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Box>
          <h1>{title}</h1>
          {note && <Text c="dimmed" size="sm" component="div">{note}</Text>}
        </Box>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </Stack>
  )
}

/** A failure: what happened, on what, and what to do. */
export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  if (!error) return null
  const f = error instanceof Failed ? error : new Failed(0, error instanceof Error ? error.message : String(error))
  const more = f.errors.filter((e) => !f.message.includes(e))
  return (
    <Alert color="red" icon={<IconAlertCircle size={18} />} title={f.status === 403 ? 'You may not do this' : f.status === 404 ? 'This is not here' : 'That did not work'} role="alert" variant="light" styles={{ title: { color: 'var(--fail)' } }}>
      <Text size="sm">{f.message}</Text>
      {more.length > 0 && (
        <ul>
          {more.map((e) => (
            <li key={e}>{e}</li>
          ))}
        </ul>
      )}
      {f.status >= 500 && f.requestId && <Text size="xs">Request {f.requestId}: the server's log has it under this name.</Text>}
      {again && (
        <Button mt="xs" variant="default" onClick={again}>
          Try again
        </Button>
      )}
    </Alert>
  )
}

interface Asked<T> {
  data: T | undefined
  error: unknown
  refetch?: () => unknown
}

/** Shows what was asked for when it is there: bones before, the failure otherwise. */
export function Loaded<T>({ of, children, rows = 4 }: { of: Asked<T>; children: (data: T) => ReactNode; rows?: number }) {
  if (of.data !== undefined) return <>{children(of.data)}</>
  if (of.error) return <Failure error={of.error} again={() => void of.refetch?.()} />
  return (
    <Stack gap={8} aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} h={26} />
      ))}
    </Stack>
  )
}

/** There is nothing: why that is, and what to do. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py={40} className="panel">
      <Text fw={600}>{title}</Text>
      {children && (
        <Text c="dimmed" size="sm" maw={520} ta="center" component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  )
}
