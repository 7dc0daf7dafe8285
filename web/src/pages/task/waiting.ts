/** Why a task that has not ended does not run, in a sentence; nothing where it runs. */
export function waitingWords(state: string, held: boolean, reason: string, behind: number): string {
  if (held) return 'It is held: the nodes that ran it died too often. Let it go on, or cancel it.'
  if (state === 'Cancelling') return 'It is being cancelled: what runs on machines is stopped first.'
  if (reason) return `It waits: ${reason}`
  if (state !== 'Queued') return ''
  if (behind > 1) return `It waits for ${behind} tasks, which have to end first:`
  if (behind === 1) return 'It waits for a task, which has to end first:'
  return 'It waits for a node that is free to run it.'
}
