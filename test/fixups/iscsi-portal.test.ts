import { expect, test } from 'vitest'
import { fixupNamed } from '../../src/fixups/index.ts'
import { addressArgs, addressMap, mapPortal, namesOld } from '../../src/rewrite/address-map.ts'
import { readConnection } from '../../src/rewrite/connection.ts'
import { readPlainConnection } from '../../src/rewrite/connection-plain.ts'
import type { FixupTable } from '../../src/rewrite/fixup.ts'
import { jsonStrings } from '../../src/rewrite/json-text.ts'
import { rewriteConnection, rewriteLocation } from '../../src/rewrite/portals.ts'

const args = addressArgs([
  { source: '10.30.0.11', target: '10.30.0.12' },
  { source: 'FD00:30:0::11', target: 'fd00:30::12' },
])
const map = addressMap(args)

// As nova and cinder write them with Python's json.dumps: ", " and ": ", non-ASCII escaped.
const single =
  '{"driver_volume_type": "iscsi", "serial": "c0a8", "data": {"target_discovered": false, "target_portal": "10.30.0.11:3260", ' +
  '"target_iqn": "iqn.2010-10.org.openstack:volume-c0a8", "target_lun": 1, "auth_password": "10.30.0.11:3260", "qos_specs": null, ' +
  '"device_path": "/dev/disk/by-path/ip-10.30.0.11:3260-iscsi-iqn.2010-10.org.openstack:volume-c0a8-lun-1"}}'

test.each([
  [
    'nested, and the password that looks like a portal stays',
    single,
    single
      .replace('"target_portal": "10.30.0.11', '"target_portal": "10.30.0.12')
      .replace('ip-10.30.0.11', 'ip-10.30.0.12'),
  ],
  [
    'flat (cinder), lists, odd spacing, big numbers, escapes and a repeated key kept as they are',
    '{ "b":12345678901234567890,"driver_volume_type":"iscsi",  "name": "Zo\\u00eb \\"q\\" \\/", "b": 1.0,\n"target_portals": ["10.30.0.11:3260" , "10.31.0.11:3260"], "target_portal": "10.30.0.11:3260" }',
    '{ "b":12345678901234567890,"driver_volume_type":"iscsi",  "name": "Zo\\u00eb \\"q\\" \\/", "b": 1.0,\n"target_portals": ["10.30.0.12:3260" , "10.31.0.11:3260"], "target_portal": "10.30.0.12:3260" }',
  ],
  [
    'IPv6 in any spelling',
    '{"driver_volume_type": "iser", "data": {"target_portal": "[fd00:0030::0011]:3261", "device_path": "/dev/disk/by-path/ip-[fd00:30::11]:3261-iscsi-iqn.x-lun-0"}}',
    '{"driver_volume_type": "iser", "data": {"target_portal": "[fd00:30::12]:3261", "device_path": "/dev/disk/by-path/ip-[fd00:30::12]:3261-iscsi-iqn.x-lun-0"}}',
  ],
  [
    'a portal without a port, one with its group',
    '{"driver_volume_type": "iscsi", "data": {"target_portal": "10.30.0.11", "target_portals": ["10.30.0.11:3260,1", "[fd00:30::11]"]}}',
    '{"driver_volume_type": "iscsi", "data": {"target_portal": "10.30.0.12", "target_portals": ["10.30.0.12:3260,1", "[fd00:30::12]"]}}',
  ],
  [
    'a path with a pci address before ip-',
    '{"driver_volume_type": "iscsi", "data": {"device_path": "/dev/disk/by-path/pci-0000:00:1f.2-ip-10.30.0.11:3260-iscsi-iqn.x-lun-1"}}',
    '{"driver_volume_type": "iscsi", "data": {"device_path": "/dev/disk/by-path/pci-0000:00:1f.2-ip-10.30.0.12:3260-iscsi-iqn.x-lun-1"}}',
  ],
])('connection_info: %s', (_, before, after) => expect(rewriteConnection(before, map)).toBe(after))

test.each([
  [
    'a portal that only begins like the old one',
    '{"driver_volume_type": "iscsi", "data": {"target_portal": "10.30.0.110:3260"}}',
  ],
  [
    'a portal that only ends like the old one',
    '{"driver_volume_type": "iscsi", "data": {"target_portal": "110.30.0.11:3260"}}',
  ],
  ['a newer device path', '{"driver_volume_type": "iscsi", "data": {"device_path": "/dev/sdb"}}'],
  ['a name that is the old address', '{"driver_volume_type": "iscsi", "data": {"volume_id": "10.30.0.11:3260"}}'],
  ['a portal of the connector', '{"driver_volume_type": "iscsi", "connector": {"target_portal": "10.30.0.11:3260"}}'],
  ['nvmeof', '{"driver_volume_type": "nvmeof", "data": {"target_portal": "10.30.0.11:3260"}}'],
  ['no type', '{"data": {"target_portal": "10.30.0.11:3260"}}'],
  ['not JSON', "{'driver_volume_type': 'iscsi', 'target_portal': '10.30.0.11:3260'}"],
  ['null', 'null'],
  ['a portal that has parts', '{"driver_volume_type": "iscsi", "data": {"target_portal": {"x": "10.30.0.11:3260"}}}'],
  ['lists in a list of portals', '{"driver_volume_type": "iscsi", "data": {"target_portals": [["10.30.0.11:3260"]]}}'],
  [
    'a list of portals that is none',
    '{"driver_volume_type": "iscsi", "data": {"target_portals": {"x1": "10.30.0.11:3260", "1x": "10.30.0.11:3260"}}}',
  ],
  ['another list', '{"driver_volume_type": "iscsi", "data": {"target_luns": ["10.30.0.11:3260"]}}'],
  [
    'a path of another key',
    '{"driver_volume_type": "iscsi", "data": {"path": "/dev/disk/by-path/ip-10.30.0.11:3260-iscsi-x"}}',
  ],
  [
    'a path that only ends like one',
    '{"driver_volume_type": "iscsi", "data": {"device_path": "/x/dev/disk/by-path/ip-10.30.0.11:3260-iscsi-x"}}',
  ],
  ['a type further down', '{"data": {"driver_volume_type": "iscsi", "target_portal": "10.30.0.11:3260"}}'],
  ['a type that has parts', '{"driver_volume_type": {"x": "iscsi"}, "target_portal": "10.30.0.11:3260"}'],
  ['a type by another name', '{"type": "iscsi", "target_portal": "10.30.0.11:3260"}'],
  ['a key that is a backslash', '{"driver_volume_type": "iscsi", "\\\\": "10.30.0.11:3260"}'],
])('connection_info is left alone: %s', (_, text) => {
  expect(rewriteConnection(text, map)).toBe(text)
  expect(readConnection(text, map).after).toBe(text)
})

test('of many portals each is mapped', () => {
  const text = (host: string) =>
    `{"driver_volume_type": "iscsi", "target_portals": [${`"${host}:3260", `.repeat(11)}"${host}:3261"]}`
  expect(readConnection(text('10.30.0.11'), map).after).toBe(text('10.30.0.12'))
})

test.each([
  [
    '10.30.0.11:3260,1 iqn.2010-10.org.openstack:volume-c0 1',
    '10.30.0.12:3260,1 iqn.2010-10.org.openstack:volume-c0 1',
  ],
  [
    '10.9.9.9:3260;10.30.0.11:3260,1 iqn.x:10.30.0.11:3260 0',
    '10.9.9.9:3260;10.30.0.12:3260,1 iqn.x:10.30.0.11:3260 0',
  ],
  ['[fd00:30::11]:3260,1 iqn.x 0', '[fd00:30::12]:3260,1 iqn.x 0'],
  ['10.30.0.11:3260 iqn.x', '10.30.0.12:3260 iqn.x'],
  ['10.30.0.11:/export', '10.30.0.11:/export'],
  ['10.30.0.11:4420 tcp nqn.2014-08.org 1', '10.30.0.11:4420 tcp nqn.2014-08.org 1'],
  ['10.30.0.110:3260,1 iqn.x 0', '10.30.0.110:3260,1 iqn.x 0'],
])('provider_location %s', (before, after) => expect(rewriteLocation(before, map)).toBe(after))

const iscsiPortal = fixupNamed('iscsi-portal')
const [mapping, volumes] = ['block_device_mapping', 'volumes'].map((name) =>
  iscsiPortal.tables.find(({ table }) => table === name),
) as unknown as readonly [FixupTable, FixupTable]
const noteOf = (table: FixupTable, column: string, text: string | null) => table.note?.({ id: 1, [column]: text }, args)

test.each([
  [
    '{"driver_volume_type": "nvmeof", "data": {"portals": [["10.30.0.11", 4420, "tcp"]]}}',
    'driver_volume_type nvmeof names 10.30.0.11: not rewritten',
  ],
  [
    '{"driver_volume_type": "nfs", "data": {"export": "10.30.0.11:/x"}}',
    'driver_volume_type nfs names 10.30.0.11: not rewritten',
  ],
  ["{'target_portal': '10.30.0.11:3260'}", 'connection_info that is not JSON names 10.30.0.11: not rewritten'],
  [
    '{"driver_volume_type": "iscsi", "target_portals": ["10.30.0.11:3260", "10.31.0.11:3260"]}',
    'portal 10.31.0.11:3260 beside a rewritten one has no new address: kept',
  ],
  ['{"driver_volume_type": "rbd", "data": {"hosts": ["10.30.0.110"]}}', undefined],
  [single.replace('"auth_password": "10.30.0.11:3260", ', ''), undefined],
  [single, 'connection_info data.auth_password names 10.30.0.11: not rewritten'],
  ...(
    [
      ['"target_portals": "10.30.0.11:3260"', 'target_portals'],
      ['"discovery_portal": "10.30.0.11:3260"', 'discovery_portal'],
      ['"device_path": ["/dev/disk/by-path/ip-10.30.0.11:3260-iscsi-iqn.x-lun-1"]', 'device_path'],
      ['"multipath_devices": {"a": ["ip-10.30.0.11:3260-iscsi-x"]}', 'multipath_devices.a'],
      ['"target_portal": "tcp:10.30.0.11:3260"', 'target_portal'],
      ['"target_portal": "fd00:30::11"', 'target_portal'],
    ] as const
  ).map(
    ([member, named]) =>
      [
        `{"driver_volume_type": "iscsi", "data": {"target_portal": "10.30.0.11:3260", ${member}}}`,
        `connection_info data.${named} names ${named === 'target_portal' && member.includes('fd00') ? 'fd00:30::11' : '10.30.0.11'}: not rewritten`,
      ] as const,
  ),
  [null, undefined],
] as readonly (readonly [string | null, string | undefined])[])('a note on %s', (text, note) =>
  expect(noteOf(mapping, 'connection_info', text)).toBe(note),
)

test('an NFS share at the old address in provider_location is reported', () => {
  expect(noteOf(volumes, 'provider_location', '10.30.0.11:/export')).toBe(
    'provider_location in another format names 10.30.0.11: not rewritten',
  )
  expect(noteOf(volumes, 'provider_location', '10.30.0.11:3260,1 iqn.x 0')).toBeUndefined()
})

test('an unchanged row is the same object', () => {
  const row = { id: 1, connection_info: null }
  expect(mapping.rewrite(row, args)).toBe(row)
})

test('a second run finds nothing to change', () => {
  const once = rewriteConnection(single, map)
  expect(rewriteConnection(once, map)).toBe(once)
})

test.each([
  ['not JSON', 'x'],
  ['a list', '["a"]'],
  ['an empty new address', '{"10.0.0.1": ""}'],
  ['an address that is old and new', '{"10.0.0.1": "10.0.0.2", "10.0.0.2": "10.0.0.3"}'],
  ['the same in two spellings of IPv6', '{"fd00::1": "fd00::2", "FD00:0::2": "fd00::3"}'],
])('a map is refused: %s', (_, addresses) =>
  expect(() => iscsiPortal.check({ addresses })).toThrow(expect.objectContaining({ exitCode: 2 })),
)

test('an unchanged address is dropped from the map', () =>
  expect(addressMap({ addresses: '{"10.0.0.1":"10.0.0.1"}' }).size).toBe(0))

test('old addresses are found as whole words, in any text', () => {
  expect(namesOld('ip-10.30.0.11:3260-iscsi', map)).toBe('10.30.0.11')
  expect(namesOld('see 10.30.0.11.', map)).toBe('10.30.0.11')
  expect(namesOld('fd00:0030::11', map)).toBe('fd00:30::11')
  for (const text of ['10.30.0.110', '10.30.0.11.example', 'v10.30.0.11', 'fd00:30::111'])
    expect(namesOld(text, map)).toBeUndefined()
})

test('a portal in another form is not mapped', () => {
  for (const portal of ['10.30.0.11:', 'tcp:10.30.0.11:1', '10.30.0.11/x', 'fd00:30::11', ''])
    expect(mapPortal(portal, map)).toBeUndefined()
})

test('a link-local portal is not one of the old addresses', () =>
  expect(mapPortal('[fe80::1%eth0]:3260', map)).toBeUndefined())

test('strings of JSON text with their positions', () => {
  expect(jsonStrings('{"a":["x",{"b":"y"}],"":"z"}')).toEqual([
    { path: ['a', 0], start: 6, end: 9, value: 'x' },
    { path: ['a', 1, 'b'], start: 15, end: 18, value: 'y' },
    { path: [''], start: 24, end: 27, value: 'z' },
  ])
  expect(jsonStrings('{"a":')).toBeUndefined()
})

/** Pseudo-random, the same in every run. */
const numbers = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  }
}

test('the fast path gives the same result as the full one for all texts, or none', () => {
  const next = numbers(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  const old = ['10.30.0.11:3260', '[fd00:30::11]:3260', '[FD00:30:0::11]:3260']
  const others = ['10.30.0.110:3260', '110.30.0.11:3260', '10.30.0.11', '10.9.9.9:3260', '10.30.0.12:3260', 'x', '']
  const portal = () => pick(next() < 0.6 ? old : others)
  const path = () =>
    pick([
      `/dev/disk/by-path/ip-${portal()}-iscsi-iqn.x-lun-1`,
      `/dev/disk/by-path/pci-0-ip-${portal()}-iscsi-a`,
      '/dev/sdb',
    ])
  const string = () => JSON.stringify(pick([portal, path, () => 'Zo\u00eb "q"', () => 'iscsi'])())
  const member = (): string =>
    pick([
      () => `"target_portal": ${JSON.stringify(portal())}`,
      () => `"target_portals":[${[portal(), portal()].map((one) => JSON.stringify(one)).join(', ')}]`,
      () => `"device_path": ${JSON.stringify(path())}`,
      () => `"target_portals": {"0": ${string()}}`,
      () => `"auth_password": ${string()}`,
      () => `"target_portal": ${pick(['null', '7', '[]'])}`,
      () => `"connector": {"target_portal": ${string()}, "device_path": ${string()}}`,
      () => `"target_lun": 1`,
      () => `"driver_volume_type": "${pick(['iscsi', 'nvmeof'])}"`,
    ])()
  const some = (most: number): string => Array.from({ length: Math.floor(next() * most) }, member).join(', ')
  const text = (): string => {
    const type = `"driver_volume_type": ${pick(['"iscsi"', '"iscsi"', '"iscsi"', '"iser"', '"ISCSI"', '"rbd"', 'null'])}`
    const parts = [type, some(2), `"data": ${pick([`{${some(4)}}`, `{${some(4)}}`, `{${some(4)}}`, '[]', string()])}`]
    return `{${parts.filter((part) => part !== '').join(', ')}}${next() < 0.02 ? ',' : ''}`
  }
  let [short, changed] = [0, 0]
  for (let turn = 0; turn < 20_000; turn += 1) {
    const one = text()
    const plain = readPlainConnection(one, map)
    if (plain === undefined) continue
    short += 1
    changed += plain.after === one ? 0 : 1
    expect(plain, one).toEqual(readConnection(one, map))
  }
  expect(short).toBeGreaterThan(5000)
  expect(changed).toBeGreaterThan(400)
})
