// Writes src/api/schema.ts from the server's OpenAPI document: node scripts/types.mjs URL-or-file [out].
// `make web-types` runs it against a server that was just built.
import { readFile, writeFile } from 'node:fs/promises'

const [source = 'http://localhost:8080/api/swagger.json', out = new URL('../src/api/schema.ts', import.meta.url)] = process.argv.slice(2)
const text = /^https?:/.test(source) ? await (await fetch(source)).text() : await readFile(source, 'utf8')
const document = JSON.parse(text)

const word = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
const member = (name, schema, indent) => `${indent}${word(name)}: ${type(schema, indent)}`

function type(schema, indent = '') {
  const plain = shape(schema, indent)
  return schema.nullable && plain !== 'unknown' ? `${plain} | null` : plain
}

function shape(schema, indent) {
  if (schema.$ref) return `Schemas[${JSON.stringify(schema.$ref.split('/').pop())}]`
  switch (schema.type) {
    case 'boolean': return 'boolean'
    case 'string': return 'string'
    case 'integer': case 'number': return 'number'
    case 'array': return `Array<${type(schema.items, indent)}>`
    case 'object': return object(schema, indent)
    default: return 'unknown'
  }
}

function object(schema, indent) {
  if (schema.additionalProperties) return `Record<string, ${type(schema.additionalProperties, indent)}>`
  const names = Object.keys(schema.properties ?? {}).sort()
  if (names.length === 0) return 'Record<string, unknown>'
  return `{\n${names.map((n) => member(n, schema.properties[n], `${indent}  `)).join('\n')}\n${indent}}`
}

// What serves in a space and without one is called in the space, except for these nouns, which the system has too.
const everywhere = /^\/api\/(tasks|events|teams|scopeduserroles|users)\b/
// A property is written as its text, or as a secret.
const written = { Property: 'string | { HasValue: boolean; NewValue: string | null; Hint: string | null }' }

const wanted = (path) => path === '/api' || path.includes('{space}') || everywhere.test(path) || !document.paths[path.replace('/api/', '/api/{space}/')]

function operation(op) {
  const query = (op.parameters ?? []).filter((p) => p.in === 'query').map((p) => `${word(p.name)}?: Value`)
  const body = op.requestBody?.content?.['application/json']?.schema
  const answer = Object.entries(op.responses ?? {}).find(([code]) => code !== 'default')?.[1].content?.['application/json']?.schema
  return `{ query: { ${query.join('; ')} }; body: ${body ? type(body) : 'unknown'}; answer: ${answer ? type(answer, '  ') : 'unknown'} }`
}

const lines = ['// Written by scripts/types.mjs from the OpenAPI document of the server; run `make web-types` instead of editing it.', '',
  'export type Value = string | number | boolean | undefined', '', 'export interface Schemas {']
for (const name of Object.keys(document.components.schemas).sort()) lines.push(written[name] ? `  ${word(name)}: ${written[name]}` : member(name, document.components.schemas[name], '  '))
lines.push('}', '', 'export interface Operations {')
for (const path of Object.keys(document.paths).filter(wanted).sort()) {
  for (const method of Object.keys(document.paths[path]).sort()) {
    lines.push(`  ${JSON.stringify(`${method.toUpperCase()} ${path}`)}: ${operation(document.paths[path][method])}`)
  }
}
lines.push('}', '')
await writeFile(out, lines.join('\n'))
