import { expect, test } from 'vitest'
import { parseDigests } from '../../src/ask/file-states.ts'
import { unitOf } from '../../src/ask/units.ts'

test('a unit that does not exist, or is masked, is distinguished from a running one', () => {
  const state = (unit: string, load: string, active: string, file: string) => unitOf({ unit, load, active, file })
  expect(state('nova-api', 'loaded', 'active', 'enabled')).toMatchObject({ exists: true, active: true, masked: false })
  expect(state('nova-cert', 'not-found', 'inactive', '')).toMatchObject({ exists: false, active: false, masked: false })
  expect(state('nova-conductor', 'masked', 'inactive', 'masked')).toMatchObject({ exists: true, masked: true })
  expect(state('nova-scheduler', 'loaded', 'activating', 'enabled')).toMatchObject({ active: true })
})

test('digests are parsed with newlines in file names', () => {
  const hash = 'a'.repeat(64)
  expect(parseDigests(`${hash}  /etc/a\nb\0${hash}  /etc/c\0`)).toEqual({ '/etc/a\nb': hash, '/etc/c': hash })
})
