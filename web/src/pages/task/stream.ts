// Follows a task: its state and its blocks, live. The lines themselves are read where they are looked at.
import { useEffect, useState } from 'react'
import type { Block } from './log'

export interface TaskNow {
  State: string
  IsCompleted: boolean
  HasPendingInterruptions: boolean
  HasWarningsOrErrors: boolean
  StartTime: string | null
  CompletedTime: string | null
  ErrorMessage: string
  WaitReason: string
}

export interface Followed {
  task: TaskNow | undefined
  blocks: ReadonlyMap<string, Block>
  ended: boolean
  lost: boolean
}

const nothing: Followed = { task: undefined, blocks: new Map(), ended: false, lost: false }

/** What is known of the task so far. A lost stream begins again after what it had, at another node perhaps. */
export function useFollowed(id: string): Followed {
  const [now, setNow] = useState(nothing)
  useEffect(() => {
    let blocks = new Map<string, Block>()
    let task: TaskNow | undefined
    let ended = false
    let lost = false
    let frame = 0
    let retry: ReturnType<typeof setTimeout> | undefined
    let source: EventSource | undefined
    const show = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0
        setNow({ task, blocks: (blocks = new Map(blocks)), ended, lost })
      })
    }
    const open = () => {
      source = new EventSource(`/api/tasks/${id}/log/stream?lines=false`)
      source.onopen = () => {
        lost = false
        show()
      }
      source.onerror = () => {
        lost = true
        show()
        if (source?.readyState === EventSource.CLOSED && !ended) retry = setTimeout(open, 1000)
      }
      source.addEventListener('task', (e) => {
        task = JSON.parse(String(e.data)) as TaskNow
        show()
      })
      source.addEventListener('block', (e) => {
        const b = JSON.parse(String(e.data)) as Block
        blocks.set(b.Id, b)
        show()
      })
      source.addEventListener('end', () => {
        ended = true
        source?.close()
        show()
      })
    }
    setNow(nothing)
    open()
    return () => {
      source?.close()
      clearTimeout(retry)
      cancelAnimationFrame(frame)
    }
  }, [id])
  return now
}
