import { Box, Button, Group, NativeSelect, Progress, Stack, Table, Text, TextInput } from '@mantine/core'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { useGet, useWrite } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Ask } from '../../parts/Ask'
import { Failure, Loaded, Page } from '../../parts/Page'
import { LookIcon, State } from '../../parts/State'
import { Lasted, Time } from '../../parts/Time'
import { To } from '../../parts/link'
import { lookOf, wordOf } from '../../parts/state'
import { bytes } from '../../parts/when'
import { useSpaceId } from '../../session/space'
import { LogView } from './LogView'
import type { LogHandle } from './LogView'
import { percentOf, treeOf } from './log'
import type { Node } from './log'
import { useFollowed } from './stream'
import { waitingWords } from './waiting'

type Doc = Schemas['Document']

export function Task() {
  const { task: id } = useParams({ strict: false }) as { task: string }
  const task = useGet('GET /api/tasks/{id}', { id })
  return <Loaded of={task}>{(doc) => <Body key={doc.Id} doc={doc} />}</Loaded>
}

function Body({ doc }: { doc: Doc }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { block?: string; line?: number }
  const followed = useFollowed(doc.Id)
  const log = useRef<LogHandle>(null)
  const roots = useMemo(() => treeOf(followed.blocks.values()), [followed.blocks])
  // The stream knows sooner than the document.
  const now = followed.task ?? doc
  const linked = search.block !== undefined && search.line !== undefined ? { block: String(search.block), line: Number(search.line) } : undefined
  const percent = percentOf(roots)
  return (
    <Page
      title={doc.Description || doc.Id}
      note={
        <Group gap="md">
          <State state={now.State} warned={now.HasWarningsOrErrors} />
          <span>
            {now.State === 'Queued' && doc.QueueTime > new Date().toISOString() ? 'due' : 'queued'} <Time at={doc.QueueTime} />
          </span>
          {now.StartTime && (
            <span>
              {now.IsCompleted ? 'took' : 'running for'} <Lasted from={now.StartTime} to={now.CompletedTime} />
            </span>
          )}
          {doc.ServerNode && <span>on {doc.ServerNode}</span>}
          <span className="mono">{doc.Id}</span>
          {followed.lost && !followed.ended && <span className="state warn">connecting again …</span>}
        </Group>
      }
      actions={<Actions doc={doc} state={now.State} completed={now.IsCompleted} />}
      plain
    >
      <About task={doc} />
      {!now.IsCompleted && now.StartTime && <Progress value={percent} size={4} aria-label={`${percent} % done`} />}
      {!now.IsCompleted && <Waiting doc={doc} reason={now.WaitReason} state={now.State} />}
      {now.ErrorMessage && <Failure error={new Error(now.ErrorMessage)} />}
      <Group align="flex-start" wrap="nowrap" gap="md">
        <Stack w={270} gap="md" style={{ flex: 'none' }}>
          <Box component="nav" aria-label="Steps" className="tree" style={{ maxHeight: 'calc(100vh - 300px)', overflow: 'auto' }}>
            {roots.map((n) => (
              <Branch key={n.Id} node={n} show={(block) => log.current?.show(block)} />
            ))}
          </Box>
          <Artifacts task={doc.Id} />
        </Stack>
        <Stack gap="xs" style={{ flex: 1, minWidth: 0 }}>
          <LogView
            ref={log}
            task={doc.Id}
            roots={roots}
            running={!now.IsCompleted}
            linked={linked}
            link={(to) => void navigate({ to: '/$space/tasks/$task', params: { space, task: doc.Id }, search: ((old: Record<string, unknown>) => ({ ...old, block: to.block, line: to.line })) as never, replace: true, resetScroll: false })}
          />
        </Stack>
      </Group>
    </Page>
  )
}

/** What a deployment deploys, and where to: the ways back to all of it. */
function About({ task }: { task: Doc }) {
  const id = String((task.Arguments as { DeploymentId?: string } | null)?.DeploymentId ?? '')
  const deployment = useGet('GET /api/{space}/deployments/{id}', { id }, { enabled: id !== '' })
  return deployment.data ? <Deployed of={deployment.data} /> : null
}

function Deployed({ of: d }: { of: Schemas['Deployment'] }) {
  const space = useSpaceId()
  const project = useGet('GET /api/{space}/projects/{id}', { id: d.ProjectId })
  const release = useGet('GET /api/{space}/releases/{id}', { id: d.ReleaseId })
  const environments = useGet('GET /api/{space}/environments/all')
  const tenant = useGet('GET /api/{space}/tenants/{id}', { id: d.TenantId ?? '' }, { enabled: Boolean(d.TenantId) })
  if (!project.data || !release.data) return null
  const p = project.data
  return (
    <Group gap={6} component="nav" aria-label="What is deployed" fz="sm">
      <To to="/$space/projects/$project" params={{ space, project: p.Slug }}>
        {p.Name}
      </To>
      ·
      <To to="/$space/projects/$project/releases/$version" params={{ space, project: p.Slug, version: release.data.Version }}>
        release {release.data.Version}
      </To>
      ·
      <To to="/$space/infrastructure/machines" params={{ space }} search={{ environment: d.EnvironmentId }}>
        {environments.data?.find((e) => e.Id === d.EnvironmentId)?.Name ?? d.EnvironmentId}
      </To>
      {tenant.data && '·'}
      {tenant.data && (
        <To to="/$space/library/tenants/$tenant" params={{ space, tenant: tenant.data.Id }}>
          {tenant.data.Name}
        </To>
      )}
      <Text size="sm" c="dimmed" component="span">
        {d.DeployedBy && `by ${d.DeployedBy}`}
        {d.Comments && `: ${d.Comments}`}
      </Text>
    </Group>
  )
}

function Branch({ node, show }: { node: Node; show: (block: string) => void }) {
  return (
    <div>
      <button type="button" onClick={() => show(node.Id)} style={{ paddingLeft: 6 + node.depth * 14 }}>
        <LookIcon look={lookOf(node.Status)} label={wordOf(node.Status)} />
        <span style={{ flex: 1, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }} title={node.Name}>
          {node.Name}
        </span>
        <Text size="xs" c="dimmed" component="span">
          <Lasted from={node.Started} to={node.Ended} />
        </Text>
      </button>
      {node.depth < 3 && node.children.map((c) => <Branch key={c.Id} node={c} show={show} />)}
    </div>
  )
}

function Actions({ doc, state, completed }: { doc: Doc; state: string; completed: boolean }) {
  const space = useSpaceId()
  const navigate = useNavigate()
  const cancel = useWrite('POST /api/tasks/{id}/cancel')
  const release = useWrite('POST /api/tasks/{id}/release')
  const first = useWrite('POST /api/tasks/{id}/prioritize')
  const rerun = useWrite('POST /api/tasks/rerun/{id}', (t) => void navigate({ to: '/$space/tasks/$task', params: { space, task: t.Id } }))
  const failed = cancel.error ?? release.error ?? first.error ?? rerun.error
  return (
    <>
      {failed && <Failure error={failed} />}
      {doc.IsHeld && !completed && <Button onClick={() => release.mutate({ id: doc.Id, body: {} })}>Let it go on</Button>}
      {state === 'Queued' && (
        <Button variant="default" onClick={() => first.mutate({ id: doc.Id, body: {} })}>
          Move to the top
        </Button>
      )}
      {!completed && (
        <Ask label="Cancel" title={`Cancel ${doc.Description}?`} go="Cancel the task" danger onGo={() => cancel.mutateAsync({ id: doc.Id, body: {} })} error={cancel.error} busy={cancel.isPending} disabled={state === 'Cancelling'}>
          <Text size="sm">What runs on machines is stopped. What is done stays done.</Text>
        </Ask>
      )}
      {completed && <Judge id={doc.Id} state={state} />}
      {completed && doc.CanRerun && (
        <Button variant="default" loading={rerun.isPending} onClick={() => rerun.mutate({ id: doc.Id, body: {} })}>
          Run again
        </Button>
      )}
    </>
  )
}

/** Says otherwise than the server how a task has ended: what follows it, such as the next phase, goes by that. */
function Judge({ id, state }: { id: string; state: string }) {
  const judge = useWrite('POST /api/tasks/{id}/state')
  const others = ['Success', 'Failed', 'Canceled'].filter((s) => s !== state)
  const [to, setTo] = useState('')
  const [reason, setReason] = useState('')
  return (
    <Ask label="Set its state" title="How did it really end?" go="Set it" onGo={() => judge.mutateAsync({ id, body: { State: to || others[0], Reason: reason } })} error={judge.error} busy={judge.isPending}>
      <NativeSelect label="State" value={to || others[0]!} onChange={(e) => setTo(e.currentTarget.value)} data={others.map((s) => ({ value: s, label: wordOf(s) }))} data-autofocus />
      <TextInput label="Why" description="It stands in the audit" value={reason} onChange={(e) => setReason(e.currentTarget.value)} required />
    </Ask>
  )
}

/** Who and why it waits, in words. */
function Waiting({ doc, reason, state }: { doc: Doc; reason: string; state: string }) {
  const space = useSpaceId()
  const behind = useGet('GET /api/tasks/{id}/queued-behind', { id: doc.Id, query: { take: 5 } }, { enabled: state === 'Queued' })
  const list = state === 'Queued' ? (behind.data?.Items ?? []) : []
  const words = waitingWords(state, doc.IsHeld, reason, behind.data?.Reason)
  if (!words) return null
  return (
    <Text size="sm" role="status">
      {words}{' '}
      {list.map((t, i) => (
        <span key={t.Id}>
          {i > 0 && ', '}
          <To to="/$space/tasks/$task" params={{ space, task: t.Id }} underline="always">
            {t.Description || t.Id}
          </To>
        </span>
      ))}
    </Text>
  )
}

function Artifacts({ task }: { task: string }) {
  const artifacts = useGet('GET /api/{space}/artifacts', { query: { regarding: task, take: 100 } })
  const list = artifacts.data?.Items ?? []
  if (list.length === 0) return null
  return (
    <Box>
      <h2>Artifacts</h2>
      <Table>
        <Table.Tbody>
          {list.map((a) => (
            <Table.Tr key={a.Id}>
              <Table.Td>
                <a href={`/api/${a.SpaceId}/artifacts/${a.Id}/content`} download={a.Filename}>
                  {a.Filename}
                </a>
              </Table.Td>
              <Table.Td ta="right">{bytes(a.SizeInBytes)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  )
}
