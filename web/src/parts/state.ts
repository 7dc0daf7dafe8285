// The states of tasks, blocks, machines and nodes, as five looks.
export type Look = 'ok' | 'run' | 'warn' | 'fail' | 'wait'

const looks: Record<string, Look> = {
  Success: 'ok', SuccessWithWarning: 'warn', Failed: 'fail', TimedOut: 'fail', Canceled: 'wait', Cancelling: 'warn', Executing: 'run', Running: 'run', Queued: 'wait',
  Pending: 'wait', Skipped: 'wait', Healthy: 'ok', HasWarnings: 'warn', Unhealthy: 'fail', Unavailable: 'fail', Unknown: 'wait', Online: 'ok', Offline: 'fail', Draining: 'warn',
}

const words: Record<string, string> = {
  SuccessWithWarning: 'Success with warnings', TimedOut: 'Timed out', Cancelling: 'Cancelling', HasWarnings: 'Has warnings', Executing: 'Running', Unknown: 'Not checked yet', Draining: 'Draining',
}

export const lookOf = (state: string, warned = false): Look => (state === 'Success' && warned ? 'warn' : (looks[state] ?? 'wait'))
export const wordOf = (state: string, warned = false) => (state === 'Success' && warned ? 'Success with warnings' : (words[state] ?? state))
