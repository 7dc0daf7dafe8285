import { expect, test } from 'vitest'
import { affected, isAffected } from './affected'
import { failureOf, pathOf } from './client'

test('paths are filled in, and empty queries left out', () => {
  expect(pathOf('GET /api/{space}/projects/{id}', { space: 'Spaces-1', id: 'a b/c' })).toBe('/api/Spaces-1/projects/a%20b%2Fc')
  expect(pathOf('GET /api/tasks', { query: { states: '', active: true, take: 3, name: undefined } })).toBe('/api/tasks?active=true&take=3')
})

test('failures keep what the server says', () => {
  expect(failureOf(400, '{"ErrorMessage":"no","Errors":["a"],"RequestId":"r"}', '')).toMatchObject({ status: 400, message: 'no', errors: ['a'], requestId: 'r' })
  expect(failureOf(502, '<html>', 'Bad Gateway').message).toBe('<html>')
  expect(failureOf(502, '', '').message).toContain('502')
})

test('a change makes stale what shows it, and nothing else', () => {
  const deployed = affected('Deployments-7', 'Deployments')
  expect(isAffected('/api/Spaces-1/dashboard/dynamic?projects=Projects-1', deployed)).toBe(true)
  expect(isAffected('/api/tasks?active=true', deployed)).toBe(true)
  expect(isAffected('/api/Spaces-1/machines', deployed)).toBe(false)
  expect(isAffected('/api/Spaces-1/variables/variableset-Projects-1', affected('variableset-Projects-1', 'VariableSets'))).toBe(true)
  expect(isAffected('/api/Spaces-1/projects/shop/deploymentprocesses', affected('deploymentprocess-Projects-1'))).toBe(true)
  expect(isAffected('/api/Spaces-1/machines/all', affected('Machines-3', 'Machines'))).toBe(true)
})
