import { Button, Group, Stack, Text } from '@mantine/core'
import { IconGripVertical, IconPlayerPause } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { useDraft, useSaveKey } from '../../parts/draft'
import { useFilter } from '../../parts/filter'
import { move } from '../../parts/move'
import { SaveButtons } from '../../parts/SaveButtons'
import { AddStep } from './AddStep'
import { useProject } from './Project'
import { StepForm } from './StepForm'
import { freeName, newStep, roles, textOf } from './beginning'
import type { Step } from './beginning'
import { copyOf, stepAt } from './steps'

export function Process() {
  const p = useProject()
  const process = useGet('GET /api/{space}/projects/{id}/deploymentprocesses', { id: p.Id })
  return <Loaded of={process}>{(doc) => <Editing doc={doc} />}</Loaded>
}

function Editing({ doc }: { doc: Schemas['Process'] }) {
  const p = useProject()
  const { draft, edit, dirty, reset } = useDraft(doc)
  // The address names a step that is stored, by its ID or its name; one that is new has no address yet.
  const [linked, link] = useFilter('step', '', 'action')
  const [action] = useFilter('action')
  const [at, putAt] = useState(() => stepAt(doc.Steps, linked, action))
  const setAt = (i: number, of = draft.Steps) => {
    putAt(i)
    link(of[i]?.Id || null)
  }
  const [adding, setAdding] = useState(false)
  const [dragged, setDragged] = useState<number>()
  const list = useRef<HTMLDivElement>(null)
  // A step that is moved with the keyboard keeps the focus, wherever it is now.
  const [follow, setFollow] = useState(false)
  useEffect(() => {
    if (follow) list.current?.querySelector<HTMLElement>('[aria-current="true"]')?.focus()
    setFollow(false)
  }, [follow, at])
  const save = useWrite('PUT /api/{space}/projects/{id}/deploymentprocesses', reset)
  const go = () => save.mutate({ id: p.Id, body: draft })
  useSaveKey(go, dirty)
  const steps = draft.Steps
  const setSteps = (next: Step[]) => edit((old) => ({ ...old, Steps: next }))
  const reorder = (from: number, to: number) => {
    if (to < 0 || to >= steps.length) return false
    const next = move(steps, from, to)
    setSteps(next)
    setAt(to, next)
    return true
  }
  const names = steps.flatMap((s) => [s.Name, ...s.Actions.map((a) => a.Name)])
  const add = (type: string, name: string) => {
    setSteps([...steps, newStep(type, freeName(name, names)) as Step])
    setAt(steps.length)
    setAdding(false)
  }
  const step = steps[Math.min(at, steps.length - 1)]
  return (
    <Page
      title="Process"
      note="What a deployment does, step by step. A release keeps the process as it is when it is made."
      actions={<SaveButtons dirty={dirty} reset={reset} save={go} pending={save.isPending} />}
    >
      <Failure error={save.error} />
      {adding && <AddStep close={() => setAdding(false)} add={add} />}
      {steps.length === 0 ? (
        <Empty title="The process has no steps yet" action={<Button aria-haspopup="dialog" onClick={() => setAdding(true)}>Add a step</Button>}>
          A step runs a script, or brings a package to machines.
        </Empty>
      ) : (
        <Group align="flex-start" wrap="nowrap" gap="md">
          <Stack gap={6} w={270} style={{ flex: 'none' }}>
            <Stack gap={6} role="list" aria-label="Steps" ref={list}>
              {steps.map((s, i) => (
                <div
                  key={s.Id || `${s.Name}-${i}`}
                  role="listitem"
                  draggable
                  onDragStart={() => setDragged(i)}
                  onDragOver={(e) => e.preventDefault()}
                  onDrop={() => dragged !== undefined && reorder(dragged, i)}
                >
                  <StepButton
                    step={s}
                    number={i + 1}
                    active={s === step}
                    choose={() => setAt(i)}
                    by={(n) => {
                      if (reorder(i, i + n)) setFollow(true)
                    }}
                  />
                </div>
              ))}
            </Stack>
            <Button variant="default" aria-haspopup="dialog" onClick={() => setAdding(true)}>
              Add a step
            </Button>
          </Stack>
          {step && (
            <div style={{ flex: 1, minWidth: 0 }} className="panel">
              <StepForm
                key={`${at} ${step.Id}`}
                step={step}
                first={at === 0}
                taken={names}
                change={(next) => setSteps(steps.map((s) => (s === step ? next : s)))}
                copy={() => {
                  setSteps([...steps, copyOf(step, names)])
                  setAt(steps.length)
                }}
                remove={() => {
                  setSteps(steps.filter((s) => s !== step))
                  setAt(
                    Math.max(0, at - 1),
                    steps.filter((s) => s !== step),
                  )
                }}
              />
            </div>
          )}
        </Group>
      )}
    </Page>
  )
}

function StepButton({ step, number, active, choose, by }: { step: Step; number: number; active: boolean; choose: () => void; by: (n: number) => void }) {
  const where = textOf(step.Properties[roles])
  return (
    <button
      type="button"
      className={`step ${active ? 'active' : ''}`}
      aria-current={active}
      aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
      onClick={choose}
      onKeyDown={(e) => {
        if (!e.altKey || (e.key !== 'ArrowUp' && e.key !== 'ArrowDown')) return
        e.preventDefault()
        by(e.key === 'ArrowUp' ? -1 : 1)
      }}
    >
      <IconGripVertical size={14} aria-hidden style={{ cursor: 'grab', opacity: 0.6 }} />
      <span style={{ flex: 1, minWidth: 0 }}>
        <b>
          {number}. {step.Name}
        </b>
        <br />
        <Text size="xs" c="dimmed" component="span">
          {where ? `on ${where}` : 'on the server or a worker'}
          {step.Actions.length > 1 ? `, ${step.Actions.length} actions` : ''}
          {step.StartTrigger === 'StartWithPrevious' ? ', with the step before' : ''}
        </Text>
      </span>
      {step.Actions.every((a) => a.IsDisabled) && <IconPlayerPause size={15} aria-label="disabled" />}
    </button>
  )
}
