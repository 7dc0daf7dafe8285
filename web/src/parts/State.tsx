import { IconAlertTriangleFilled, IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled, IconLoader2 } from '@tabler/icons-react'
import type { Look } from './state'
import { lookOf, wordOf } from './state'

const icons = { ok: IconCircleCheckFilled, run: IconLoader2, warn: IconAlertTriangleFilled, fail: IconCircleXFilled, wait: IconCircleDashed }

export function LookIcon({ look, size = 15, label }: { look: Look; size?: number; label?: string }) {
  const Icon = icons[look]
  return (
    <span className={`state ${look}`} {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}>
      <Icon size={size} />
    </span>
  )
}

/** A state with its icon and, unless it is bare, its word. */
export function State({ state, warned, bare, word }: { state: string; warned?: boolean; bare?: boolean; word?: string }) {
  const look = lookOf(state, warned)
  const text = word ?? wordOf(state, warned)
  if (bare) return <LookIcon look={look} label={text} />
  const Icon = icons[look]
  return (
    <span className={`state ${look}`}>
      <Icon size={15} aria-hidden />
      {text}
    </span>
  )
}
