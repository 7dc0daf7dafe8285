import type { Schemas } from '../../api/schema'

/** How a release stands in a phase of its lifecycle, and why it cannot go on, in words. */
export function nextWords(phase: Pick<Schemas['PhaseProgression'], 'Blocked' | 'Progress' | 'IsOptionalPhase' | 'MinimumEnvironmentsBeforePromotion'>): string {
  if (phase.Blocked) return 'blocked: solve what blocks the release first'
  switch (phase.Progress) {
    case 'Complete': return 'done'
    case 'Current': {
      const n = phase.MinimumEnvironmentsBeforePromotion
      if (phase.IsOptionalPhase) return 'may be left out'
      return n > 0 ? `the next phase needs ${n} of these` : 'the next phase needs all of these'
    }
    default: return 'after the phases before it'
  }
}
