import { expect, test } from 'vitest'
import { beyond, limitOf } from '../../src/checks/lengths.ts'
import { queueKinds } from '../../src/checks/settings.ts'
import { driversOf } from '../../src/services/cinder/checks-settings.ts'

test('the limit of a column from its type in information_schema', () => {
  expect(limitOf('varchar(64)')).toEqual({ kind: 'characters', most: 64 })
  expect(limitOf('mediumtext')).toEqual({ kind: 'bytes', most: 16_777_215 })
  expect(limitOf('int(11)')).toEqual({ kind: 'number', from: -2147483648n, to: 2147483647n })
  expect(limitOf('bigint(20) unsigned')).toEqual({ kind: 'number', from: 0n, to: 18446744073709551615n })
  expect(limitOf("enum('a','b,c')")).toEqual({ kind: 'enum', values: "'a','b,c'" })
  for (const type of ['longtext', 'datetime', 'float', 'decimal(10,2)', 'json']) expect(limitOf(type)).toBeUndefined()
})

test('a column that accepts as much or more is not checked', () => {
  const narrower: readonly (readonly [string, string, string])[] = [
    ['varchar(255)', 'varchar(64)', 'CHAR_LENGTH(`c`) > 64'],
    ['text', 'varchar(255)', 'CHAR_LENGTH(`c`) > 255'],
    ['mediumtext', 'text', 'LENGTH(`c`) > 65535'],
    ['longtext', 'mediumtext', 'LENGTH(`c`) > 16777215'],
    ['varchar(255)', 'tinytext', 'LENGTH(`c`) > 255'],
    ['bigint(20)', 'int(11)', '`c` < -2147483648 OR `c` > 2147483647'],
    ['int(11)', 'int(10) unsigned', '`c` < 0 OR `c` > 4294967295'],
    ['varchar(9)', "enum('a')", "`c` NOT IN ('a')"],
  ]
  for (const [own, theirs, sql] of narrower) expect(beyond('`c`', own, theirs), `${own} ${theirs}`).toBe(sql)
  for (const [own, theirs] of [
    ['varchar(64)', 'varchar(64)'],
    ['varchar(64)', 'varchar(255)'],
    ['varchar(255)', 'text'],
    ['text', 'mediumtext'],
    ['tinyint(1)', 'int(11)'],
    ['int(10) unsigned', 'bigint(20)'],
    ['int(11)', 'varchar(9)'],
    ['varchar(9)', 'datetime'],
  ] as const)
    expect(beyond('`c`', own, theirs), `${own} ${theirs}`).toBeUndefined()
})

test('the drivers of the enabled backends, including common options', () => {
  const text = '[DEFAULT]\nenabled_backends = a,b , c\n[a]\nvolume_driver = x.Y\n[off]\nvolume_driver = o.O\n'
  // cinder's default (cinder/volume/manager.py).
  const lvm = 'cinder.volume.drivers.lvm.LVMVolumeDriver'
  expect([...driversOf(text)]).toEqual([
    ['a', 'x.Y'],
    ['b', lvm],
    ['c', lvm],
  ])
  expect([...driversOf(`${text}[backend_defaults]\nvolume_driver = d.D\n`)]).toEqual([
    ['a', 'x.Y'],
    ['b', 'd.D'],
    ['c', 'd.D'],
  ])
  expect(driversOf('').size).toBe(0)
})

test('queue options by file, in a stable order', () => {
  const of = (file: string, key: string, value: string) => ({ file, key, value })
  expect([
    ...queueKinds([
      of('/etc/nova/nova.conf', 'rabbit_quorum_queue', 'True'),
      of('/etc/nova/nova.conf', 'amqp_durable_queues', 'yes'),
      of('/etc/neutron/neutron.conf', 'amqp_durable_queues', 'false'),
    ]),
  ]).toEqual([['nova.conf', 'amqp_durable_queues, rabbit_quorum_queue']])
})
