import { expect, test } from 'vitest'
import { hostOf } from '../src/commands/init-endpoints.ts'
import type { InitFindings } from '../src/commands/init-text.ts'
import { settingsText } from '../src/commands/init-text.ts'
import { parseGiven } from '../src/commands/place.ts'
import { configOf } from '../src/settings/settings.ts'

test.each([
  ['h', 'root', 'h', 22],
  ['root@h:2222', 'root', 'h', 2222],
  ['adm@10.0.0.11', 'adm', '10.0.0.11', 22],
  ['10.0.0.11:2222', 'root', '10.0.0.11', 2222],
  ['root@fd00::11', 'root', 'fd00::11', 22],
  ['root@[FD00:0::11]', 'root', 'fd00::11', 22],
  ['root@[fd00::11]:2222', 'root', 'fd00::11', 2222],
  ['ctl1.example.com:22', 'root', 'ctl1.example.com', 22],
])('%s is a place', (text, user, host, port) => {
  const given = parseGiven(text)
  expect({ user: 'root', port: 22, ...given }).toEqual({ user, host, port })
})

test.each([
  '',
  'root@',
  'h:',
  'h:0',
  'h:70000',
  'h:ssh',
  '10.0.0.300',
  '[10.0.0.1]:22',
  '[fd00::1',
  'a b',
  '-h',
  '@h',
  'x@y@z',
])("'%s' is no place", (text) => expect(parseGiven(text)).toBeUndefined())

test('the host of an endpoint is found in every form that catalogs use', () => {
  const urls = [
    'http://10.0.0.1:5000/v3',
    'https://[FD00::1]:5000',
    ' http://api.example.com/x/%(tenant_id)s',
    'http://u:p@h:1/',
  ]
  expect(urls.map(hostOf)).toEqual(['10.0.0.1', 'fd00::1', 'api.example.com', 'h'])
  expect(['http://$(public_host)s:5000', '/v3', ''].map(hostOf)).toEqual([undefined, undefined, undefined])
})

const key = `SHA256:${'a'.repeat(43)}`
const machine = (name: string, host: string, port = 22) => ({ name, host, port, user: 'root', key: '/k', hostKey: key })
const at = (name: string, address: string, prefix: number) => ({ interface: name, address, prefix })
const found: InitFindings = {
  release: 'epoxy',
  source: machine('source', '10.0.0.11', 2222),
  target: machine('target', '10.0.0.12'),
  computes: [machine('cmp1.example.com', 'fd00::13', 2022)],
  sourceAddresses: [
    at('lo', '127.0.0.1', 8),
    at('eth0', '10.0.0.11', 24),
    at('eth0', '10.0.0.10', 24),
    at('eth0', 'fd00::10', 64),
    at('eth1', 'fd00:1::11', 64),
    at('eth2', 'fd00:2::11', 128),
  ],
  targetAddresses: [
    at('ens3', 'fe80::12', 64),
    at('ens3', '10.0.0.12', 24),
    at('ens3', 'fd00::12', 64),
    at('ens4', 'fd00:1::12', 64),
    at('ens5', 'fd00:2::12', 128),
  ],
  endpoints: { addresses: ['10.0.0.10', 'fd00::10'], untold: [] },
}
const read = (with_: Partial<InitFindings>) => configOf('/s.ini', settingsText({ ...found, ...with_ }))

test('settings written by init can be read: ports, a full name, IPv6, and counterparts of both families', () => {
  const config = read({})
  expect([config.source.machines[0].port, config.target.machines[0].port, config.computes[0]?.port]).toEqual([
    2222, 22, 2022,
  ])
  expect(config.computes.map(({ name, host }) => [name, host])).toEqual([['cmp1.example.com', 'fd00::13']])
  expect(config.addresses.map((one) => [one.address, one.sourceInterface, one.targetInterface])).toEqual([
    ['10.0.0.10', 'eth0', 'ens3'],
    ['fd00::10', 'eth0', 'ens3'],
  ])
  expect(config.counterparts.slice(1)).toEqual([
    { source: 'fd00:1::11', target: 'fd00:1::12' },
    { source: 'fd00:2::11', target: 'fd00:2::12' },
  ])
})

test('what could not be found out is not presented as none', () => {
  const untold = ["cannot read the endpoints from keystone's database: ERROR 1045\nAccess denied (exit 1)"]
  const text = settingsText({ ...found, endpoints: { addresses: [], untold } })
  expect(text).not.toContain('No endpoint names')
  expect(text).toContain(
    "; LOOK: cannot read the endpoints from keystone's database: ERROR 1045 Access denied (exit 1).",
  )
  expect(text).toContain('could not find out which addresses move: fill this in')
  expect(settingsText({ ...found, endpoints: { addresses: ['10.9.9.9'], untold: [] } })).toContain('No endpoint names')
})

test("an endpoint's address on lo is reported and not moved", () => {
  const sourceAddresses = [...found.sourceAddresses, at('lo', '10.0.0.20', 32)]
  const endpoints = { addresses: ['10.0.0.10', '10.0.0.20'], untold: [] }
  const text = settingsText({ ...found, sourceAddresses, endpoints })
  expect(text).toContain('; LOOK: 10.0.0.20 is on lo of the source')
  expect(configOf('/s.ini', text).addresses.map(({ address }) => address)).toEqual(['10.0.0.10'])
})

test('how a user becomes root is written, and explained where it is not', () => {
  const source = { ...found.source, user: 'adm', become: {} }
  const text = settingsText({ ...found, source })
  expect(text).toContain('user = adm\nbecome = sudo\nkey = /k\n')
  expect(configOf('/s.ini', text).source.machines[0]).toMatchObject({ user: 'adm', become: {} })
  expect(settingsText(found)).toContain('add `become = sudo`')
  const locked = settingsText({ ...found, target: { ...found.target, passphraseFile: '/p' } })
  expect(locked).toContain('key = /k\nkey_passphrase_file = /p\nhost_key = ')
})

test('a path is written so that the settings give it back', () => {
  const path = '/home/me/a "b" ;c#/k\\ey'
  const source = { ...found.source, user: 'adm', key: path, become: {} }
  expect(read({ source }).source.machines[0].key).toBe(path)
  expect(settingsText(found)).toContain('\nkey = /k\n')
})
