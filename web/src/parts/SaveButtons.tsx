import { Button } from '@mantine/core'

interface SaveButtonsProps {
  dirty: boolean
  reset: () => void
  save: () => void
  pending: boolean
}

/** The buttons of a page that edits a draft: one undoes the changes, where there are some; the other saves them. */
export function SaveButtons({ dirty, reset, save, pending }: SaveButtonsProps) {
  return (
    <>
      {dirty && (
        <Button variant="default" onClick={reset}>
          Undo the changes
        </Button>
      )}
      <Button onClick={save} disabled={!dirty} loading={pending}>
        Save
      </Button>
    </>
  )
}
