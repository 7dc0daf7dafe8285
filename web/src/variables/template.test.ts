import { expect, test } from 'vitest'
import { hasText, newTemplate, optionsOf, otherwise, withChoices, withControl } from './template'

test('the choices of a list stand one a line', () => {
  const t = withChoices(withControl(newTemplate(), 'Select'), 'eu|Europe\r\nus\n\n')
  expect(optionsOf(t)).toEqual([{ value: 'eu', label: 'Europe' }, { value: 'us', label: 'us' }])
  expect(otherwise({ ...t, DefaultValue: 'eu' })).toBe('default: Europe')
})

test('a secret default does not become text, nor text a secret', () => {
  const secret = { HasValue: true, NewValue: null, Hint: null }
  expect(withControl({ ...withControl(newTemplate(), 'Sensitive'), DefaultValue: secret }, 'SingleLineText').DefaultValue).toBe('')
  expect(withControl({ ...newTemplate(), DefaultValue: 'x' }, 'MultiLineText').DefaultValue).toBe('x')
  expect(withControl({ ...newTemplate(), DefaultValue: 'x' }, 'Sensitive').DefaultValue).toBe('')
})

test('what applies without a value', () => {
  expect(otherwise(newTemplate())).toBe('')
  expect(otherwise({ ...newTemplate(), DefaultValue: 'one\ntwo' })).toBe('default: one')
  expect(otherwise({ ...withControl(newTemplate(), 'Checkbox'), DefaultValue: 'false' })).toBe('default: No')
  expect([undefined, '', 'x', { HasValue: false, NewValue: null, Hint: null }, { HasValue: true, NewValue: null, Hint: null }].map(hasText)).toEqual([false, false, true, false, true])
})
