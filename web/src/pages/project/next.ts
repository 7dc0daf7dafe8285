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

type Way = Pick<Schemas['Phase'], 'Name' | 'IsOptionalPhase' | 'AutomaticDeploymentTargets' | 'OptionalDeploymentTargets'>[]

/** Why a release cannot go to an environment now, in words; nothing where it can, or where nothing is known. */
export function whyNot(environment: string, way: Way, next: string[], blocked: boolean): string {
  if (blocked) return 'blocked'
  if (next.includes(environment) || way.length === 0) return ''
  const at = way.findIndex((p) => p.AutomaticDeploymentTargets.includes(environment) || p.OptionalDeploymentTargets.includes(environment))
  if (at < 0) return 'not in its lifecycle'
  const before = way.slice(0, at).findLast((p) => !p.IsOptionalPhase)
  return before ? `after ${before.Name}` : ''
}
