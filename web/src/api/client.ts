// Calls to the server's REST API. Every call is named as the OpenAPI document names it, "GET /api/{space}/projects", and
// is typed from there.
import { takeEarly } from './early'
import type { Operations, Schemas, Value } from './schema'

export type Op = keyof Operations
export type GetOp = Extract<Op, `GET ${string}`>
export type Answer<K extends Op> = Operations[K]['answer']

type Names<P extends string> = P extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never
type Path<K extends Op> = Exclude<Names<K>, 'space'>

/** What a call takes: the path's parameters, the query and, where it writes, the body. */
export type Input<K extends Op> = { [N in Path<K>]: string } & { space?: string; query?: Operations[K]['query']; body?: unknown }

/** An answer of the server that is not 2xx, or none at all (status 0). */
export class Failed extends Error {
  constructor(readonly status: number, message: string, readonly errors: string[] = [], readonly requestId = '') {
    super(message)
  }
}

let installation = ''

/** The installation's ID is in the names of the cookies: several servers may share a host. */
export function setInstallation(id: string) {
  installation = id
}

function csrf(): string {
  const prefix = `Octopus-Csrf-Token_${installation}=`
  const found = document.cookie.split('; ').find((c) => c.startsWith(prefix))
  return found ? found.slice(prefix.length) : ''
}

/** The path of a call with its parameters filled in. */
export function pathOf(op: string, input: Record<string, unknown>): string {
  const path = op.slice(op.indexOf(' ') + 1).replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name] ?? '')))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries((input['query'] ?? {}) as Record<string, Value>)) {
    if (value !== undefined && value !== '') query.set(name, String(value))
  }
  const text = query.toString()
  return text ? `${path}?${text}` : path
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * One call. A write carries an Idempotency-Key, so it can be sent again when the node that took it died: another node
 * answers, and nothing is done twice.
 */
export async function call<K extends Op>(op: K, input: Input<K>, signal?: AbortSignal): Promise<Answer<K>> {
  const method = op.slice(0, op.indexOf(' '))
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') {
    headers['X-Octopus-Csrf-Token'] = csrf()
    headers['Idempotency-Key'] = randomKey()
    if (input.body !== undefined) headers['Content-Type'] = 'application/json'
  }
  const init: RequestInit = { method, headers, credentials: 'same-origin', signal: signal ?? null }
  if (input.body !== undefined) init.body = JSON.stringify(input.body)
  const path = pathOf(op, input)
  const there = method === 'GET' ? await takeEarly(path) : undefined
  for (let attempt = 0; ; attempt++) {
    try {
      return (await read((attempt === 0 && there) || (await fetch(path, init)))) as Answer<K>
    } catch (e) {
      const lost = e instanceof TypeError || (e instanceof Failed && [502, 503, 504].includes(e.status))
      if (!lost || attempt >= 4 || signal?.aborted) throw e instanceof TypeError ? unreachable() : e
      await wait(250 * 2 ** attempt)
    }
  }
}

export const unreachable = () => new Failed(0, 'The server does not answer. What you typed is kept; try again in a moment.')

export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

/** The early answer of a path. */
export async function early(path: string): Promise<unknown> {
  const answer = await takeEarly(path)
  if (!answer) throw new Error(`${path} was not answered early`)
  return read(answer)
}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text()
  const json = answer.headers.get('Content-Type')?.includes('json')
  if (answer.ok) return json && text ? JSON.parse(text) : text
  throw failureOf(answer.status, json ? text : '', answer.statusText)
}

/** The failure that an answer's text describes. */
export function failureOf(status: number, text: string, otherwise: string): Failed {
  try {
    const f = JSON.parse(text) as Partial<Schemas['Failure']>
    return new Failed(status, f.ErrorMessage || otherwise, f.Errors ?? [], f.RequestId ?? '')
  } catch {
    return new Failed(status, text || otherwise || `the server answered ${status}`)
  }
}

/** Sends a file as the body of a form and tells how far it is: fetch cannot. */
export function upload(path: string, file: File, progress: (part: number) => void, signal?: AbortSignal): Promise<Schemas['Package']> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('X-Octopus-Csrf-Token', csrf())
    request.setRequestHeader('Accept', 'application/json')
    request.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total)
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new Failed(0, 'the upload was stopped'))
    request.onload = () =>
      request.status < 300 ? resolve(JSON.parse(request.responseText) as Schemas['Package']) : reject(failureOf(request.status, request.responseText, request.statusText))
    signal?.addEventListener('abort', () => request.abort())
    const form = new FormData()
    form.append('file', file)
    request.send(form)
  })
}
