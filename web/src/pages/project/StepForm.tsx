import { Button, Group, NativeSelect, Radio, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useGet } from '../../api/hooks'
import { useFilter } from '../../parts/filter'
import { move } from '../../parts/move'
import { ActionForm } from './ActionForm'
import { AddStep } from './AddStep'
import { Conditions } from './Conditions'
import { freeName, newAction, packageType, roles, scriptType, textOf } from './beginning'
import type { Action, Step } from './beginning'
import { indexOf, renamed, windowProblem, withAction, withProperties } from './steps'

const prop = (name: string) => `Octopus.Action.${name}`

interface Props {
  step: Step
  first: boolean
  /** The names that steps and actions have. */
  taken: string[]
  change: (next: Step) => void
  copy: () => void
  remove: () => void
}

export function StepForm({ step, first, taken, change, copy, remove }: Props) {
  // The address names an action as it names a step.
  const [linked, link] = useFilter('action')
  const [at, putAt] = useState(() => indexOf(step.Actions, linked))
  const choose = (i: number, of = step.Actions) => {
    putAt(i)
    link((of.length > 1 && of[i]?.Id) || null)
  }
  const index = Math.min(at, step.Actions.length - 1)
  const action = step.Actions[index]
  if (!action) return null
  const setAction = (f: (a: Action) => Action) => change(withAction(step, f, index))
  const several = step.Actions.length > 1
  return (
    <Stack gap="sm" p="md">
      <Group justify="space-between" align="flex-end" wrap="nowrap">
        <TextInput label="Name" value={step.Name} onChange={(e) => change(renamed(step, e.currentTarget.value))} required w={360} />
        <Group gap="xs">
          {!several && <Enabled action={action} setAction={setAction} />}
          <Button variant="default" onClick={copy}>
            Copy
          </Button>
          <Button variant="default" onClick={remove}>
            Remove
          </Button>
        </Group>
      </Group>
      <Where step={step} action={action} index={index} change={change} />
      {(several || roles in step.Properties) && <Actions step={step} index={index} taken={taken} choose={choose} change={change} />}
      {several && (
        <Group align="flex-end">
          <TextInput label="Name of the action" value={action.Name} onChange={(e) => setAction((a) => ({ ...a, Name: e.target.value }))} required w={360} />
          <Enabled action={action} setAction={setAction} />
        </Group>
      )}
      <ActionForm key={action.Id || index} action={action} setAction={setAction} />
      <Conditions step={step} action={action} first={first} change={change} setAction={setAction} />
    </Stack>
  )
}

function Enabled({ action, setAction }: { action: Action; setAction: (f: (a: Action) => Action) => void }) {
  return <Switch label="Enabled" checked={!action.IsDisabled} onChange={(e) => setAction((a) => ({ ...a, IsDisabled: !e.target.checked }))} />
}

/** Where it runs: on the machines of a role, so many at the same time, or on the server or a worker. */
function Where({ step, action, index, change }: { step: Step; action: Action; index: number; change: (s: Step) => void }) {
  const known = useGet('GET /api/{space}/machineroles/all')
  const pools = useGet('GET /api/{space}/workerpools/all')
  const given = textOf(step.Properties[roles])
  const list = given ? given.split(',').map((r) => r.trim()).filter(Boolean) : []
  const onServer = /^true$/i.test(textOf(action.Properties[prop('RunOnServer')]))
  const alone = step.Actions.length === 1
  const onMachines = action.ActionType === packageType || !onServer || (alone && roles in step.Properties)
  const width = textOf(step.Properties[prop('MaxParallelism')])
  const choose = (where: string) => {
    const machines = where === 'machines'
    const next = withAction(step, (a) => withProperties(a, { [prop('RunOnServer')]: machines ? 'false' : 'true' }), index)
    // A step of one action that runs on the server has no roles; one of several may have them for the others.
    const properties = machines ? { ...step.Properties, [roles]: given } : alone ? Object.fromEntries(Object.entries(step.Properties).filter(([n]) => n !== roles)) : step.Properties
    change({ ...next, Properties: properties })
  }
  return (
    <Stack gap={6}>
      {action.ActionType === scriptType && (
        <Radio.Group label="Where" value={onMachines ? 'machines' : 'server'} onChange={choose}>
          <Group gap="md">
            <Radio size="xs" value="machines" label="On each machine of a role" />
            <Radio size="xs" value="server" label="Once, on the server or a worker" />
          </Group>
        </Radio.Group>
      )}
      {(onMachines || roles in step.Properties) && (
        <Group align="flex-start">
          <TagsInput
            label="Roles"
            description="Machines with one of these roles, in the environment"
            value={list}
            onChange={(v) => change({ ...step, Properties: { ...step.Properties, [roles]: v.join(',') } })}
            data={known.data ?? []}
            w={360}
            error={list.length === 0 ? 'Name at least one role' : undefined}
          />
          <TextInput
            label="Window"
            description="Machines at the same time, or #{a variable}"
            placeholder="all"
            value={width}
            onChange={(e) => change(withProperties(step, { [prop('MaxParallelism')]: e.currentTarget.value }))}
            error={windowProblem(width)}
            w={270}
          />
        </Group>
      )}
      {!onMachines && (
        <NativeSelect
          label="Worker pool"
          value={action.WorkerPoolId ?? ''}
          onChange={(e) => change(withAction(step, (a) => ({ ...a, WorkerPoolId: e.currentTarget.value || null }), index))}
          data={[{ value: '', label: 'The default pool; the server itself while it has no workers' }, ...(pools.data ?? []).map((p) => ({ value: p.Id, label: p.Name }))]}
          maw={420}
        />
      )}
    </Stack>
  )
}

/** The actions of a step, which a machine goes through one after the other before the next machine's turn comes: a rolling deployment. */
function Actions({ step, index, taken, choose, change }: { step: Step; index: number; taken: string[]; choose: (i: number, of?: Action[]) => void; change: (s: Step) => void }) {
  const [adding, setAdding] = useState(false)
  const several = step.Actions.length > 1
  const put = (actions: Action[], at: number) => {
    change({ ...step, Actions: actions })
    choose(at, actions)
  }
  return (
    <Stack gap={4}>
      {adding && (
        <AddStep
          title="Add an action to the step"
          close={() => setAdding(false)}
          add={(type, name) => {
            put([...step.Actions, newAction(type, freeName(name, taken)) as Action], step.Actions.length)
            setAdding(false)
          }}
        />
      )}
      {several && (
        <Text size="xs" c="dimmed">
          Each machine goes through these, one after the other, as many machines at a time as the window says.
        </Text>
      )}
      <Group gap={6}>
        {several &&
          step.Actions.map((a, i) => (
            <Button key={a.Id || i} variant={i === index ? 'light' : 'default'} aria-pressed={i === index} onClick={() => choose(i)}>
              {i + 1}. {a.Name}
            </Button>
          ))}
        <Button variant="subtle" aria-haspopup="dialog" onClick={() => setAdding(true)}>
          Add an action to this step
        </Button>
        {several && (
          <>
            <Button variant="subtle" disabled={index === 0} onClick={() => put(move(step.Actions, index, index - 1), index - 1)}>
              Earlier
            </Button>
            <Button variant="subtle" disabled={index === step.Actions.length - 1} onClick={() => put(move(step.Actions, index, index + 1), index + 1)}>
              Later
            </Button>
            <Button variant="subtle" onClick={() => put(step.Actions.filter((_, i) => i !== index), Math.max(0, index - 1))}>
              Remove the action
            </Button>
          </>
        )}
      </Group>
    </Stack>
  )
}
