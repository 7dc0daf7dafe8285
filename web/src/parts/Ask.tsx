import { Button, Group, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Dialog } from './Dialog'
import { Failure } from './Page'

interface Props {
  label: ReactNode
  /** The button's whole name, where the label alone would say the same of many things. */
  about?: string
  title: string
  children?: ReactNode
  go: string
  danger?: boolean
  variant?: string
  disabled?: boolean
  onGo: () => Promise<unknown>
  error?: unknown
  busy?: boolean
}

/** A button that asks before it does something. */
export function Ask({ label, about, title, children, go, danger, variant = 'default', disabled, onGo, error, busy }: Props) {
  const [opened, { open, close }] = useDisclosure()
  // Several questions may share one write, and a failure belongs to the question that was answered.
  const [going, setGoing] = useState(false)
  const [failed, setFailed] = useState(false)
  const ask = () => {
    setFailed(false)
    open()
  }
  const goOn = async () => {
    setGoing(true)
    const done = await onGo().then(() => true, () => false)
    setGoing(false)
    setFailed(!done)
    if (done) close()
  }
  return (
    <>
      <Button variant={variant} onClick={ask} disabled={disabled ?? false} aria-haspopup="dialog" {...(about ? { 'aria-label': about } : {})}>
        {label}
      </Button>
      {opened && (
        <Dialog close={close} title={title}>
          <form
            onSubmit={(e) => {
              e.preventDefault()
              if (!going) void goOn()
            }}
          >
            <Stack gap="sm">
              {children}
              <Failure error={failed ? error : undefined} />
              <Group justify="flex-end">
                <Button variant="default" onClick={close}>
                  Not now
                </Button>
                <Button type="submit" color={danger ? 'red.9' : undefined} loading={busy ?? going} data-autofocus={children ? undefined : true}>
                  {go}
                </Button>
              </Group>
            </Stack>
          </form>
        </Dialog>
      )}
    </>
  )
}
