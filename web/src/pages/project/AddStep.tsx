import { Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '../../parts/Dialog'
import { kinds } from './beginning'

/** The list of the types of steps, searched as one types. */
export function AddStep({ title = 'Add a step', close, add }: { title?: string; close: () => void; add: (type: string, name: string) => void }) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const shown = kinds.filter((k) => `${k.name} ${k.about} ${k.words}`.toLowerCase().includes(wanted))
  return (
    <Dialog close={close} title={title}>
      <Stack gap="xs">
        <TextInput
          aria-label="Search for a type of step"
          placeholder="script, package …"
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Enter' || !shown[0]) return
            e.preventDefault() // the button that opened this gets the focus back, and must not get the key
            add(shown[0].type, shown[0].name)
          }}
          data-autofocus
        />
        {shown.map((k) => (
          <UnstyledButton key={k.type} className="step" onClick={() => add(k.type, k.name)}>
            <span>
              <b>{k.name}</b>
              <br />
              <Text size="xs" c="dimmed" component="span">
                {k.about}
              </Text>
            </span>
          </UnstyledButton>
        ))}
        {shown.length === 0 && <Text size="sm" c="dimmed">This server has no type of step like that.</Text>}
      </Stack>
    </Dialog>
  )
}
