import { expect, test } from 'vitest'
import { compareFingerprints, parseDigests } from '../../src/source/fingerprint.ts'
import { parseQueues } from '../../src/source/quiet.ts'
import { parseUnits } from '../../src/source/units.ts'

test('units are read from systemctl show, also those that do not exist or are masked', () => {
  const text = `Id=nova-api.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled

Id=nova-cert.service
LoadState=not-found
ActiveState=inactive
UnitFileState=

Id=nova-conductor.service
LoadState=masked
ActiveState=inactive
UnitFileState=masked
`
  expect(parseUnits(text)).toEqual([
    { name: 'nova-api', exists: true, active: true, masked: false },
    { name: 'nova-cert', exists: false, active: false, masked: false },
    { name: 'nova-conductor', exists: true, active: false, masked: true },
  ])
})

test('queues keep names with spaces and ignore what is no queue', () => {
  expect(parseQueues('notifications.info\t12\nodd name\t0\nwarning: x\n')).toEqual([
    { name: 'notifications.info', messages: 12 },
    { name: 'odd name', messages: 0 },
  ])
})

test('digests survive file names with newlines', () => {
  const hash = 'a'.repeat(64)
  expect(parseDigests(`${hash}  /etc/a\nb\0${hash}  /etc/c\0`)).toEqual({ '/etc/a\nb': hash, '/etc/c': hash })
})

test('a changed, a new and a vanished thing are each named', () => {
  const before = { at: '', tables: { 'a.t': '1', 'a.u': '2' }, files: { '/x': '1' } }
  const after = { at: '', tables: { 'a.t': '3', 'a.u': '2', 'a.v': '1' }, files: {} }
  expect(compareFingerprints(before, before)).toEqual([])
  expect(compareFingerprints(before, after)).toEqual(['table a.t changed', 'table a.v is new', 'file /x is gone'])
})
