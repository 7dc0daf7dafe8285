// The command that makes a machine known.

export interface Join {
  server: string
  key: string
  polling: boolean
  name: string
  space: string
  environments: string[]
  roles: string[]
  pools: string[]
}

/** A word for a shell: quoted where it has to be. */
export const quoted = (word: string) => (/^[\w./:@-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`)

export function joinCommand(j: Join): string {
  const words = ['mantle-agent join', `--server ${quoted(j.server)}`, `--api-key ${j.key}`]
  for (const e of j.environments) words.push(`--environment ${quoted(e)}`)
  for (const r of j.roles) words.push(`--role ${quoted(r)}`)
  for (const p of j.pools) if (p) words.push(`--worker-pool ${quoted(p)}`)
  if (j.space) words.push(`--space ${quoted(j.space)}`)
  if (j.name) words.push(`--name ${quoted(j.name)}`)
  if (j.polling) words.push('--polling')
  return words.join(' ')
}

/** Those that were not there before. */
export const appeared = <T extends { Id: string }>(before: ReadonlySet<string> | undefined, now: T[]): T[] => (before ? now.filter((m) => !before.has(m.Id)) : [])

/** The address of a listening agent. One of version 6 stands in brackets. */
export const agentAddress = (host: string, port: number) => {
  const name = host.trim().replace(/^\[(.*)\]$/, '$1')
  return `https://${name.includes(':') ? `[${name}]` : name}:${port}/`
}

/** Thumbprints are the same in upper and lower case, and with whatever separates their digits. */
export const sameThumbprint = (a: string, b: string) => a.replace(/[^0-9a-f]/gi, '').toLowerCase() === b.replace(/[^0-9a-f]/gi, '').toLowerCase()
