import { expect, it } from 'vitest'
import { agentAddress, joinCommand, quoted, sameThumbprint } from './join'

it('writes the address of an agent', () => {
  expect(agentAddress(' web-1.example ', 10933)).toBe('https://web-1.example:10933/')
  expect(agentAddress('fd00::1', 10933)).toBe('https://[fd00::1]:10933/')
  expect(agentAddress('[fd00::1]', 1)).toBe('https://[fd00::1]:1/')
})

it('compares thumbprints', () => {
  expect(sameThumbprint('ab:CD 01', 'ABCD01')).toBe(true)
  expect(sameThumbprint('ABCD01', 'ABCD02')).toBe(false)
})

it('quotes what a shell would read as more than a word', () => {
  expect(quoted('web-1')).toBe('web-1')
  expect(quoted("it's $HOME")).toBe("'it'\\''s $HOME'")
  expect(joinCommand({ server: 'http://s', key: 'API-1', polling: false, name: '', space: '', environments: ['Dev One'], roles: ['web'], pools: [] })).toContain("--environment 'Dev One' --role web")
})
