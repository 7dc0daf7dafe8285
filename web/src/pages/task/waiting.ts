/**
 * Why a task that has not ended does not run, in a sentence; nothing where it runs. The reason is the task's own, where it was begun; the
 * server's for a queued one is why: it is scheduled, the queue is paused, no node takes tasks.
 */
export function waitingWords(state: string, held: boolean, reason: string, why = ''): string {
  if (held) return 'It is held: the nodes that ran it died too often. Let it go on, or cancel it.'
  if (state === 'Cancelling') return 'It is being cancelled: what runs on machines is stopped first.'
  if (reason) return `It waits: ${reason}`
  return state === 'Queued' ? inZone(why) : ''
}

/** The server tells times in UTC; a person reads them in their own zone. */
const inZone = (text: string) =>
  text.replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/, (at) => new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }))
