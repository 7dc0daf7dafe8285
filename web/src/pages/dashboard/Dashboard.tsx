import { Button, NativeSelect, Text, TextInput } from '@mantine/core'
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { call } from '../../api/client'
import { keyOf, useGet } from '../../api/hooks'
import type { Schemas } from '../../api/schema'
import { Empty, Failure, Loaded, Page } from '../../parts/Page'
import { LookIcon } from '../../parts/State'
import { useNow } from '../../parts/Time'
import { useFilter } from '../../parts/filter'
import { ButtonTo, To } from '../../parts/link'
import { lookOf, wordOf } from '../../parts/state'
import { ago } from '../../parts/when'
import { useSpaceId } from '../../session/space'
import { Chosen } from './Chosen'
import { cellsOf, chosenOf, chunkOf, chunksOf, columnsAtOnce, isChosen, moved, rowsAtOnce, rowsOf } from './board'
import type { Entry, Item, Place } from './board'

const nameWidth = 240
const columnWidth = 148
const widestColumn = 230
const rowHeight = 46
const groupHeight = 30

export function Dashboard() {
  const space = useSpaceId()
  // The rows, with what stands in the first of them; the rest is asked for as it comes into view. public/early.js asks the same.
  const rows = useGet('GET /api/{space}/dashboard/dynamic', { query: { firstProjects: rowsAtOnce, firstEnvironments: columnsAtOnce } })
  const environments = useGet('GET /api/{space}/environments/all')
  const configuration = useGet('GET /api/{space}/dashboardconfiguration')
  const known = rows.data && environments.data && configuration.data ? { doc: rows.data, list: environments.data, c: configuration.data } : undefined
  const [choosing, choose] = useState(false)
  const [text, setText] = useFilter('q')
  const [group, setGroup] = useFilter('group')
  return (
    <Page
      title="Dashboard"
      note={<Running space={space} />}
      actions={
        <>
          <TextInput aria-label="Filter projects" placeholder="Filter projects" value={text} onChange={(e) => setText(e.currentTarget.value)} />
          <NativeSelect
            aria-label="Project group"
            value={group}
            onChange={(e) => setGroup(e.currentTarget.value)}
            data={[{ value: '', label: 'All groups' }, ...(rows.data?.ProjectGroups ?? []).map((g) => ({ value: g.Id, label: g.Name }))]}
          />
          <Button variant="default" aria-haspopup="dialog" disabled={!known} onClick={() => choose(true)}>
            {known && isChosen(known.c) ? 'Chosen …' : 'Choose …'}
          </Button>
          <ButtonTo to="/$space/projects" params={{ space }} search={{ new: true }}>
            New project
          </ButtonTo>
        </>
      }
    >
      {choosing && known && (
        <Chosen configuration={known.c} groups={known.doc.ProjectGroups} projects={known.doc.Projects} environments={known.list} close={() => choose(false)} />
      )}
      <Loaded of={{ data: known, error: rows.error ?? environments.error ?? configuration.error, refetch: () => Promise.all([rows.refetch(), environments.refetch(), configuration.refetch()]) }} rows={10}>
        {({ doc, list, c }) =>
          doc.Projects.length === 0 || list.length === 0 ? (
            <Empty
              title={list.length === 0 ? 'This space has no environment yet' : 'This space has no project yet'}
              action={
                <ButtonTo to="/$space/start" params={{ space }}>
                  First steps
                </ButtonTo>
              }
            >
              The dashboard shows each project in each environment. The first steps lead from nothing to a deployment in a few minutes.
            </Empty>
          ) : (
            <Board rows={rowsOf({ ...doc, Projects: chosenOf(doc.Projects, c) }, { text, group })} environments={c.IncludedEnvironmentIds.length ? list.filter((e) => c.IncludedEnvironmentIds.includes(e.Id)) : list} space={space} first={doc} asOf={rows.dataUpdatedAt} />
          )
        }
      </Loaded>
    </Page>
  )
}

function Running({ space }: { space: string }) {
  const active = useGet('GET /api/{space}/tasks', { query: { active: true, take: 30 } })
  const list = active.data?.Items ?? []
  if (list.length === 0) return <>Nothing is running.</>
  const running = list.filter((t) => t.State !== 'Queued').length
  return (
    <To to="/$space/tasks" params={{ space }} search={{ active: true }}>
      {running} running, {(active.data?.TotalResults ?? list.length) - running} queued
    </To>
  )
}

function Board({ rows, environments, space, first, asOf }: { rows: Entry[]; environments: Schemas['Environment'][]; space: string; first: Schemas['DashboardapiDocument']; asOf: number }) {
  const scroller = useRef<HTMLDivElement>(null)
  const navigate = useNavigate()
  const now = useNow()
  // Where the arrow keys are: a row, and a column, of which the first holds the projects' names.
  const [here, setHere] = useState<Place>({ row: 1, column: 0 })
  const vertical = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => (rows[i]?.kind === 'group' ? groupHeight : rowHeight),
    overscan: 4,
    scrollMargin: 0,
    paddingStart: groupHeight,
    scrollPaddingStart: groupHeight,
  })
  // Few environments share the width that there is.
  const [room, setRoom] = useState(0)
  const column = Math.max(columnWidth, Math.min(widestColumn, Math.floor((room - nameWidth - 4) / environments.length)))
  const horizontal = useVirtualizer({
    horizontal: true,
    count: environments.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => column,
    overscan: 2,
    paddingStart: nameWidth,
    scrollPaddingStart: nameWidth,
  })
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setRoom(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => horizontal.measure(), [horizontal, column])
  const down = vertical.getVirtualItems()
  const across = horizontal.getVirtualItems()
  const seen = { top: down[0]?.index ?? 0, bottom: down.at(-1)?.index ?? 0, left: across[0]?.index ?? 0, right: across.at(-1)?.index ?? 0 }
  const ids = useMemo(() => environments.map((e) => e.Id), [environments])
  const parts = useQueries({
    queries: chunksOf(rows, ids, seen).map((chunk) => {
      const op = 'GET /api/{space}/dashboard/dynamic' as const
      const input = { space, query: { projects: chunk.projects.join(), environments: chunk.environments.join() } }
      return { queryKey: keyOf(op, input), queryFn: ({ signal }: { signal: AbortSignal }) => call(op, input, signal), placeholderData: keepPreviousData, initialData: () => chunkOf(first, chunk), initialDataUpdatedAt: asOf }
    }),
  })
  const cells = cellsOf(parts.flatMap((p) => p.data?.Items ?? []))
  const reach = new Map(parts.flatMap((p) => p.data?.Projects ?? []).map((p) => [p.Id, new Set<string>()]))
  for (const p of parts) for (const project of p.data?.Projects ?? []) for (const e of project.EnvironmentIds) reach.get(project.Id)?.add(e)
  const pressed = (e: React.KeyboardEvent) => {
    if (e.altKey || e.metaKey || e.target !== e.currentTarget) return
    if (e.key === 'Enter') {
      scroller.current?.querySelector<HTMLAnchorElement>('.here a')?.click()
      return
    }
    const next = moved(here, e.key, e.ctrlKey, rows, environments.length, Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2))
    if (!next) return
    e.preventDefault()
    setHere(next)
    vertical.scrollToIndex(next.row)
    if (next.column > 0) horizontal.scrollToIndex(next.column - 1)
    else scroller.current?.scrollTo({ left: 0 })
  }
  const at = (row: number, column: number) => (here.row === row && here.column === column ? { id: 'here', mark: ' here' } : { mark: '' })
  const width = horizontal.getTotalSize()
  const height = vertical.getTotalSize()
  return (
    <>
      <Failure error={parts.find((p) => p.error)?.error} />
      {rows.length === 0 && <Text c="dimmed">No project matches the filter.</Text>}
      <div
        ref={scroller}
        className="grid"
        role="grid"
        aria-label="Projects by environment"
        aria-rowcount={rows.length + 1}
        aria-colcount={environments.length + 1}
        {...(down.some((r) => r.index === here.row && rows[r.index]?.kind === 'project') && (here.column === 0 || across.some((c) => c.index === here.column - 1)) ? { 'aria-activedescendant': 'here' } : {})}
        tabIndex={0}
        onKeyDown={pressed}
        onClick={(e) => {
          const task = (e.target as Element).closest<HTMLElement>('[data-task]')?.dataset['task']
          if (!task || e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return
          e.preventDefault()
          void navigate({ to: '/$space/tasks/$task', params: { space, task } })
        }}
        style={{ height: `min(${height + 20}px, calc(100vh - 140px))`, minHeight: 120 }}
      >
        <div style={{ width, height, position: 'relative' }}>
          <div className="head" role="row" aria-rowindex={1} style={{ height: groupHeight, width }}>
            <div className="name" role="columnheader" style={{ width: nameWidth, height: groupHeight - 1 }}>
              Project
            </div>
            {across.map((c) => (
              <div key={c.key} role="columnheader" aria-colindex={c.index + 2} style={{ position: 'absolute', top: 0, left: c.start, width: c.size, padding: '5px 12px', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
                {environments[c.index]?.Name}
              </div>
            ))}
          </div>
          {down.map((r) => {
            const row = rows[r.index]
            if (!row) return null
            const place = { top: r.start, height: r.size, width }
            if (row.kind === 'group')
              return (
                <div key={row.id} className="row" role="row" aria-rowindex={r.index + 2} style={place}>
                  <div className="group" role="rowheader" style={{ position: 'sticky', left: 0, width: '100%', maxWidth: 'calc(100vw - 60px)', height: '100%' }}>
                    {row.name} <Text size="xs" c="dimmed" component="span">{row.count}</Text>
                  </div>
                </div>
              )
            const p = row.project
            return (
              <div key={p.Id} className="row" role="row" aria-rowindex={r.index + 2} style={place}>
                <div id={at(r.index, 0).id} className={`name${at(r.index, 0).mark}`} role="rowheader" style={{ width: nameWidth, height: '100%' }}>
                  <To to="/$space/projects/$project" params={{ space, project: p.Id }} c="inherit" fw={550} truncate tabIndex={-1}>
                    {p.Name}
                  </To>
                  {p.IsDisabled && <Text size="xs" c="dimmed" ml={6}>disabled</Text>}
                </div>
                {across.map((c) => {
                  const e = environments[c.index]
                  if (!e) return null
                  return (
                    <div key={e.Id} id={at(r.index, c.index + 1).id} className={`cell${at(r.index, c.index + 1).mark}`} role="gridcell" aria-colindex={c.index + 2} style={{ left: c.start, width: c.size }}>
                      <Cell item={cells.get(`${p.Id} ${e.Id}`)} space={space} label={`${p.Name}, ${e.Name}`} reachable={reach.get(p.Id)?.has(e.Id) ?? true} now={now} />
                    </div>
                  )
                })}
              </div>
            )
          })}
        </div>
      </div>
    </>
  )
}

interface CellProps {
  item: Item | undefined
  space: string
  label: string
  reachable: boolean
  now: number
}

/** Plain elements, as many of them come into view at once when somebody scrolls; the board handles their clicks. */
const Cell = memo(function Cell({ item, space, label, reachable, now }: CellProps) {
  if (!item) return reachable ? null : <span title="The project's lifecycles do not lead here" style={{ display: 'block', height: '100%', borderRadius: 4, background: 'repeating-linear-gradient(135deg, transparent 0 5px, var(--soft) 5px 10px)' }} />
  const look = lookOf(item.State, item.HasWarningsOrErrors)
  const word = wordOf(item.State, item.HasWarningsOrErrors)
  const when = item.CompletedTime ?? item.Created
  return (
    <a href={`/app/${space}/tasks/${item.TaskId}`} data-task={item.TaskId} tabIndex={-1} className={`cellbox ${look}`}>
      <span className="version">
        <span className="vh">{label}: </span>
        <LookIcon look={look} label={word} />
        {item.ReleaseVersion}
      </span>
      <span className="when">{item.State === 'Executing' || item.State === 'Queued' ? word : <time dateTime={when} title={new Date(when).toLocaleString()}>{ago(when, now)}</time>}</span>
    </a>
  )
})
