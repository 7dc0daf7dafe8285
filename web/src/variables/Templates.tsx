import { ActionIcon, Button, Group, NativeSelect, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconGripVertical } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { Schemas } from '../api/schema'
import { move } from '../parts/move'
import { ValueField } from './ValueField'
import { choicesOf, controlOf, controls, newTemplate, withChoices, withControl } from './template'

type Template = Schemas['Template']

/** The templates of a project or of a variable set: variables to which each tenant gives a value of its own. */
export function Templates({ templates, stored, change }: { templates: Template[]; stored: Template[]; change: (next: Template[]) => void }) {
  const set = (index: number, next: Template) => change(templates.map((t, i) => (i === index ? next : t)))
  const list = useRef<HTMLDivElement>(null)
  const [dragged, setDragged] = useState<number>()
  // The button that moved a template is pressed again where the template is now.
  const [follow, setFollow] = useState<{ to: number; by: number }>()
  useEffect(() => {
    if (!follow) return
    const buttons = list.current?.children[follow.to]?.querySelectorAll<HTMLButtonElement>('[data-move]:not(:disabled)')
    const wanted = [...(buttons ?? [])].find((b) => b.dataset['move'] === String(follow.by)) ?? buttons?.[0]
    wanted?.focus()
    setFollow(undefined)
  }, [follow])
  return (
    <Stack gap="sm">
      <Stack gap="sm" ref={list}>
        {templates.map((t, i) => (
          <One
            key={t.Id || `new ${i}`}
            template={t}
            stored={stored.find((s) => s.Id === t.Id)}
            change={(next) => set(i, next)}
            remove={() => change(templates.filter((_, n) => n !== i))}
            first={i === 0}
            last={i === templates.length - 1}
            by={(n) => {
              change(move(templates, i, i + n))
              setFollow({ to: i + n, by: n })
            }}
            drag={() => setDragged(i)}
            drop={() => dragged !== undefined && change(move(templates, dragged, i))}
          />
        ))}
      </Stack>
      <Group>
        <Button variant="default" onClick={() => change([...templates, newTemplate()])}>
          Add a template
        </Button>
      </Group>
    </Stack>
  )
}

interface OneProps {
  template: Template
  stored: Template | undefined
  change: (next: Template) => void
  remove: () => void
  first: boolean
  last: boolean
  by: (n: number) => void
  drag: () => void
  drop: () => void
}

/** A template. Its handle drags it, its arrows move it: tenants are asked in this order. */
function One({ template: t, stored, change, remove, first, last, by, drag, drop }: OneProps) {
  const name = t.Name || 'new template'
  const control = controlOf(t)
  const known = controls.some((c) => c.value === control) ? controls : [...controls, { value: control, label: control }]
  return (
    <Stack gap={6} className="panel" p="sm" role="group" aria-label={`Template ${name}`} onDragOver={(e) => e.preventDefault()} onDrop={drop}>
      <Group align="flex-start" wrap="nowrap">
        <Group gap={2} wrap="nowrap" mt={42}>
          <span draggable onDragStart={drag} title="Drag it to another place" style={{ cursor: 'grab', display: 'flex', opacity: 0.6 }}>
            <IconGripVertical size={16} aria-hidden />
          </span>
          <ActionIcon variant="default" data-move={-1} disabled={first} aria-label={`Move ${name} up`} onClick={() => by(-1)}>
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon variant="default" data-move={1} disabled={last} aria-label={`Move ${name} down`} onClick={() => by(1)}>
            <IconArrowDown size={14} />
          </ActionIcon>
        </Group>
        <TextInput label="Name" description="Steps use #{this name}" value={t.Name} onChange={(e) => change({ ...t, Name: e.currentTarget.value })} required error={t.Name ? undefined : 'Name it'} style={{ flex: 1 }} autoFocus={!t.Id && !t.Name} />
        <TextInput label="Label" description="What is shown instead" value={t.Label} onChange={(e) => change({ ...t, Label: e.currentTarget.value })} style={{ flex: 1 }} />
        <NativeSelect label="Field" description="How it is entered" value={control} onChange={(e) => change(withControl(t, e.currentTarget.value))} data={known} w={150} />
        <Button variant="default" mt={42} aria-label={`Remove ${name}`} onClick={remove}>
          Remove
        </Button>
      </Group>
      {control === 'Select' && <Textarea label="Choices" description="One a line: value|what is shown" autosize minRows={2} value={choicesOf(t)} onChange={(e) => change(withChoices(t, e.currentTarget.value))} />}
      <Group align="flex-start" grow>
        <ValueField template={t} label="Default" labelled value={t.DefaultValue} stored={stored && controlOf(stored) === control ? stored.DefaultValue : ''} set={(v) => change({ ...t, DefaultValue: v ?? '' })} otherwise="none: each tenant has to give one" />
        <TextInput label="Help" placeholder="Words for those who give the value" value={t.HelpText} onChange={(e) => change({ ...t, HelpText: e.currentTarget.value })} />
      </Group>
      {!t.Id && (
        <Text size="xs" c="dimmed">
          It is new: tenants can give it a value when it is saved.
        </Text>
      )}
    </Stack>
  )
}
