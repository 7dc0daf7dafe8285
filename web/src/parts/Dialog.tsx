import { Modal } from '@mantine/core'
import type { ModalProps } from '@mantine/core'
import { useLayoutEffect, useState } from 'react'
import { useTopmost } from './topmost'

/** Gives the focus back to what had it before: a dialog that is only there while it is open takes it along when it goes. */
export function useFocusBack() {
  // The first render is before anything of the dialog takes the focus.
  const [before] = useState(() => document.activeElement)
  useLayoutEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus()
      else document.getElementById('page')?.focus()
    },
    [before],
  )
}

/**
 * A dialog that is there as long as it is open. The focus stays inside, and then goes back to where it was. As soon as something was typed, a
 * click beside it no longer closes it. Escape is for the topmost dialog alone.
 */
export function Dialog({ close, closeOnEscape = true, ...rest }: { close: () => void } & Omit<ModalProps, 'opened' | 'onClose'>) {
  useFocusBack()
  const [typed, setTyped] = useState(false)
  const topmost = useTopmost()
  return <Modal opened onClose={close} returnFocus={false} closeOnClickOutside={!typed} onInput={() => setTyped(true)} closeOnEscape={closeOnEscape && topmost} {...rest} />
}
