// How long releases, and files on machines, are kept: what a lifecycle or a phase of it says, and how that reads.
import type { Schemas } from '../../api/schema'

export type Kept = Schemas['Retention']
/** What a space keeps where nothing else is said. */
export type Standard = Pick<Schemas['SpaceRetention'], 'Strategy' | 'Unit' | 'QuantityToKeep'>

/** The choices of the form. A phase that says nothing of its own is kept as its lifecycle says. */
export type Choice = 'Lifecycle' | 'Default' | 'Forever' | 'Items' | 'Days'

export function choiceOf(kept: Kept | null | undefined, otherwise: Choice): Choice {
  if (!kept) return otherwise
  if (kept.Strategy === 'Default') return 'Default'
  // Older clients say only how many, or for ever.
  if (kept.Strategy === 'Forever' || (kept.Strategy !== 'Count' && (kept.ShouldKeepForever || kept.QuantityToKeep === 0))) return 'Forever'
  return kept.Unit === 'Days' ? 'Days' : 'Items'
}

/** What is sent for a choice; a number that was there stays. */
export function chosen(choice: Choice, before: Kept | null | undefined): Kept | null {
  if (choice === 'Lifecycle') return null
  if (choice === 'Default' || choice === 'Forever') return { Strategy: choice, Unit: 'Items', QuantityToKeep: 0, ShouldKeepForever: true }
  return { Strategy: 'Count', Unit: choice, QuantityToKeep: before?.QuantityToKeep || (choice === 'Days' ? 30 : 3), ShouldKeepForever: false }
}

/** In words: "all of them", "the last 3", "those of the last 30 days". */
export function words(kept: Kept | Standard): string {
  const n = kept.QuantityToKeep ?? 0
  if (kept.Strategy !== 'Count' || n === 0) return 'all of them'
  if (kept.Unit === 'Days') return n === 1 ? 'those of the last day' : `those of the last ${n} days`
  return n === 1 ? 'the last one' : `the last ${n}`
}

/** What a lifecycle or a phase keeps in the end, in words; what the space says where it says to follow that. */
export function keptWords(kept: Kept | null | undefined, standard: Standard | undefined): string {
  if (kept && kept.Strategy !== 'Default') return words(choiceOf(kept, 'Default') === 'Forever' ? { ...kept, Strategy: 'Forever' } : { ...kept, Strategy: 'Count' })
  return standard ? `${words(standard)}, as the space says` : 'as the space says'
}
