import { ActionIcon, Button, Group, Switch, Text, TextInput, Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronRight, IconFileDownload, IconFold, IconSearch } from '@tabler/icons-react'
import { forwardRef, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react'
import { call } from '../../api/client'
import { LookIcon } from '../../parts/State'
import { Lasted } from '../../parts/Time'
import { useFilter } from '../../parts/filter'
import { lookOf, wordOf } from '../../parts/state'
import { useFolds } from './folds'
import { Lines, rowAfter, rowOf, searchAll, stretchAt, stretchesOf } from './log'
import type { Found, Line, Node, Search } from './log'

const rowHeight = 20
const around = 30

export interface LogHandle {
  show: (block: string) => void
}

interface Props {
  task: string
  roots: Node[]
  running: boolean
  linked: Found | undefined
  link: (to: Found) => void
}

/** A log of any length: what is in view is drawn, what is near is kept, the rest is on the server. */
export const LogView = forwardRef<LogHandle, Props>(function LogView({ task, roots, running, linked, link }, handle) {
  const box = useRef<HTMLDivElement>(null)
  const { folded, toggle, toggleAll, unfoldTo } = useFolds(roots)
  const [view, setView] = useState({ top: 0, height: 600 })
  const [follow, setFollow] = useState(running)
  const [times, setTimes] = useState(false)
  // The row that the arrow keys are at.
  const [here, setHere] = useState<number>()
  const [, again] = useReducer((n: number) => n + 1, 0)
  const lines = useMemo(
    () => new Lines(async (block, from, count) => (await call('GET /api/tasks/{id}/log', { id: task, query: { block, from, count } })).Lines, again),
    [task],
  )
  const { stretches, rows } = useMemo(() => stretchesOf(roots, folded), [roots, folded])
  const search = useLogSearch(task)

  const first = Math.max(0, Math.floor(view.top / rowHeight) - around)
  const last = Math.min(rows - 1, Math.ceil((view.top + view.height) / rowHeight) + around)
  useEffect(() => {
    const inView = stretches.filter((s) => s.lines && s.start <= last && s.start + s.count > first)
    lines.see(inView.map((s) => ({ block: s.node.Id, from: Math.max(0, first - s.start), to: Math.min(s.count - 1, last - s.start), total: s.node.LineCount })))
  })

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setView((v) => ({ ...v, height: element.clientHeight })))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const [goal, setGoal] = useState<Found | { block: string; line?: undefined }>()
  useLayoutEffect(() => {
    if (!goal) return
    const row = rowOf(stretches, goal.block, goal.line)
    if (row === undefined || !box.current) return
    box.current.scrollTop = Math.max(0, row * rowHeight - (goal.line === undefined ? 0 : view.height / 3))
    setGoal(undefined)
  }, [goal, stretches, view.height])
  const goTo = useCallback(
    (to: { block: string; line?: number }) => {
      setFollow(false)
      unfoldTo(to.block)
      setGoal(to as Found)
    },
    [unfoldTo],
  )
  useImperativeHandle(handle, () => ({ show: (block) => goTo({ block }) }), [goTo])

  // The line that the address names, once its block is there.
  const went = useRef('')
  useEffect(() => {
    if (!linked || went.current === `${linked.block} ${linked.line}` || !stretches.some((s) => s.node.Id === linked.block)) return
    went.current = `${linked.block} ${linked.line}`
    goTo(linked)
  }, [linked, stretches, goTo])

  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [follow, rows])
  useEffect(() => {
    if (running) return
    setFollow(false)
  }, [running])

  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || (e.target instanceof HTMLElement && e.target.closest('input,textarea,select,[role="dialog"]'))) return
      if (e.key === 'f') setFollow((f) => !f)
      else if (e.key === 's') search.input.current?.focus()
      else return
      e.preventDefault()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [search.input])

  const step = (by: number) => {
    const to = search.step(by)
    if (to) goTo(to)
  }
  const pressed = (e: React.KeyboardEvent) => {
    if (e.altKey || e.ctrlKey || e.metaKey || e.target !== e.currentTarget || rows === 0) return
    const row = Math.min(here ?? Math.floor(view.top / rowHeight), rows - 1)
    const s = stretchAt(stretches, row)
    if (e.key === 'Enter' && s?.lines) link({ block: s.node.Id, line: row - s.start })
    else if (e.key === 'Enter' && s) toggle(s.node.Id)
    else if (e.key === 'ArrowLeft' && s && !folded.has(s.node.Id)) {
      toggle(s.node.Id)
      setHere(rowOf(stretches, s.node.Id))
    } else if (e.key === 'ArrowRight' && s && folded.has(s.node.Id)) toggle(s.node.Id)
    else {
      const next = rowAfter(e.key, here === undefined ? row - 1 : row, rows, Math.max(1, Math.floor(view.height / rowHeight) - 1))
      if (next === undefined) return
      setHere(next)
      setFollow(false)
      const box = e.currentTarget
      const top = next * rowHeight
      box.scrollTop = Math.min(top, Math.max(box.scrollTop, top + rowHeight - box.clientHeight))
    }
    e.preventDefault()
  }
  const pointed = here === undefined ? undefined : stretchAt(stretches, here)
  const shown: number[] = []
  for (let r = first; r <= last; r++) shown.push(r)
  // What scrolls out at one end is drawn anew at the other: scrolling makes no elements.
  const slots = 2 * around + 4 + Math.ceil(view.height / rowHeight)
  return (
    <>
      <Group gap="xs" justify="space-between">
        <Group gap={6}>
          <TextInput
            ref={search.input}
            w={250}
            aria-label="Search in the log"
            placeholder="Search in the log (s)"
            leftSection={<IconSearch size={14} />}
            value={search.text}
            onChange={(e) => search.setText(e.currentTarget.value)}
            onKeyDown={(e) => e.key === 'Enter' && step(e.shiftKey ? -1 : 1)}
          />
          <ActionIcon variant="default" aria-label="The place before" onClick={() => step(-1)} disabled={search.found.length === 0}>
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="The next place" onClick={() => step(1)} disabled={search.found.length === 0}>
            <IconArrowDown size={14} />
          </ActionIcon>
          <Text size="xs" c="dimmed" role="status">
            {search.words}
          </Text>
        </Group>
        <Group gap="sm">
          <Switch label="Times" checked={times} onChange={(e) => setTimes(e.currentTarget.checked)} />
          {running && <Switch label="Follow (f)" checked={follow} onChange={(e) => setFollow(e.currentTarget.checked)} />}
          <Tooltip label={folded.size ? 'Unfold everything' : 'Fold everything'}>
            <ActionIcon variant="default" aria-label={folded.size ? 'Unfold everything' : 'Fold everything'} onClick={toggleAll}>
              <IconFold size={15} />
            </ActionIcon>
          </Tooltip>
          <Button component="a" variant="default" href={`/api/tasks/${task}/raw`} target="_blank" leftSection={<IconFileDownload size={15} />}>
            Raw
          </Button>
        </Group>
      </Group>
      <span className="vh" id="log-keys">
        Arrow keys go from line to line, Enter puts the line into the address or folds a step.
      </span>
      <span className="vh" role="status">
        {here !== undefined && pointed && (pointed.lines ? lines.get(pointed.node.Id, here - pointed.start)?.MessageText : pointed.node.Name)}
      </span>
      <div
        ref={box}
        className="log"
        role="log"
        aria-label="Log"
        aria-live="off"
        tabIndex={0}
        aria-describedby="log-keys"
        onKeyDown={pressed}
        style={{ height: 'calc(100vh - 222px)', minHeight: 240 }}
        onScroll={(e) => {
          const { scrollTop, clientHeight, scrollHeight } = e.currentTarget
          setView({ top: scrollTop, height: clientHeight })
          if (follow && scrollHeight - scrollTop - clientHeight > 80) setFollow(false)
        }}
      >
        <div style={{ height: rows * rowHeight, position: 'relative' }}>
          {shown.map((r) => {
            const s = stretchAt(stretches, r)
            if (!s) return null
            const top = r * rowHeight
            if (!s.lines)
              return <Head key={s.node.Id} node={s.node} top={top} folded={folded.has(s.node.Id)} here={r === here} toggle={() => toggle(s.node.Id)} />
            const n = r - s.start
            const linkedHere = linked?.block === s.node.Id && linked.line === n
            return <Entry key={r % slots} line={lines.get(s.node.Id, n)} top={top} depth={s.node.depth} times={times} linked={linkedHere} here={r === here} text={search.text} link={() => link({ block: s.node.Id, line: n })} />
          })}
        </div>
      </div>
    </>
  )
})

function Head({ node, top, folded, here, toggle }: { node: Node; top: number; folded: boolean; here: boolean; toggle: () => void }) {
  return (
    <button type="button" className={`entry block${here ? ' here' : ''}`} style={{ top, paddingLeft: 6 + node.depth * 16 }} aria-expanded={!folded} onClick={toggle}>
      {folded ? <IconChevronRight size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />}
      <LookIcon look={lookOf(node.Status)} label={wordOf(node.Status)} />
      <span style={{ fontWeight: node.depth < 2 ? 600 : 400 }}>{node.Name}</span>
      <Text size="xs" c="dimmed" component="span">
        {node.Started && <Lasted from={node.Started} to={node.Ended} />}
        {folded && node.LineCount > 0 && ` · ${node.LineCount} lines`}
        {node.ProgressMessage && !node.Ended && ` · ${node.ProgressMessage}`}
      </Text>
    </button>
  )
}

function Entry({ line, top, depth, times, linked, here, text, link }: { line: Line | undefined; top: number; depth: number; times: boolean; linked: boolean; here: boolean; text: string; link: () => void }) {
  return (
    <div className={`entry ${line?.Category ?? ''}${linked ? ' linked' : ''}${here ? ' here' : ''}`} style={{ top, paddingLeft: depth * 16 }}>
      <a
        className="no"
        href="#"
        aria-label={`Link to line ${line?.Number ?? ''}`}
        tabIndex={-1}
        onClick={(e) => {
          e.preventDefault()
          link()
        }}
      >
        {line?.Number}
      </a>
      {times && <span className="at">{line?.OccurredAt ? new Date(line.OccurredAt).toLocaleTimeString() : ''}</span>}
      <span>{line ? <Marked line={line.MessageText} text={text} /> : '…'}</span>
    </div>
  )
}

function Marked({ line, text }: { line: string; text: string }) {
  const at = text.length > 1 ? line.toLowerCase().indexOf(text.toLowerCase()) : -1
  if (at < 0) return <>{line}</>
  return (
    <>
      {line.slice(0, at)}
      <mark>{line.slice(at, at + text.length)}</mark>
      <Marked line={line.slice(at + text.length)} text={text} />
    </>
  )
}

const foundAtMost = 2000

/** Has the server look through the whole log. */
function useLogSearch(task: string) {
  const input = useRef<HTMLInputElement>(null)
  const [linked, link] = useFilter('find')
  const [text, setText] = useState(linked)
  const [found, setFound] = useState<Found[]>([])
  const [state, setState] = useState<'idle' | 'looking' | 'done'>('idle')
  const at = useRef(-1)
  const [shown, setShown] = useState(-1)
  useEffect(() => {
    setFound([])
    setState('idle')
    at.current = -1
    setShown(-1)
    if (text.length < 2) {
      if (linked) link(null)
      return undefined
    }
    const stop = new AbortController()
    const ask = (from: Search['Next'], most: number) => call('GET /api/tasks/{id}/log/search', { id: task, query: { text, most, ...(from && { block: from.BlockId, from: from.Line }) } }, stop.signal)
    const look = async () => {
      setState('looking')
      await searchAll(ask, foundAtMost, setFound)
      setState('done')
    }
    const timer = setTimeout(() => {
      link(text)
      void look().catch(() => {})
    }, 250)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [task, text])
  const step = (by: number) => {
    if (found.length === 0) return undefined
    at.current = (at.current + by + found.length) % found.length
    setShown(at.current)
    return found[at.current]
  }
  const count = found.length >= foundAtMost ? `${foundAtMost} and more` : String(found.length)
  const words = state === 'idle' ? '' : state === 'looking' ? `${count} so far …` : found.length === 0 ? 'nothing found' : shown >= 0 ? `${shown + 1} of ${count}` : `${count} found`
  return { input, text, setText, found, step, words }
}
