import { describe, expect, test } from 'vitest'
import { addressesIn, addressMap, mapAddresses, namesMachine, rangesWithOld } from '../../src/transfer/addresses.ts'

const config = {
  file: '/x/swapctl.ini',
  addresses: [{ name: 'api', address: '10.2.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }],
  counterparts: [
    { source: '10.2.0.1', target: '10.9.0.7' },
    { source: 'fd00:2::1', target: 'fd00:9::7' },
  ],
}
const map = addressMap(config, ['10.2.0.1', '10.2.0.10', '127.0.0.1', '::1', '10.3.0.1'])

describe('complete addresses are rewritten', () => {
  test.each([
    ['10.2.0.1', '10.9.0.7'],
    ['10.2.0.1:11211', '10.9.0.7:11211'],
    ['10.2.0.1:11211,10.2.0.2:11211', '10.9.0.7:11211,10.2.0.2:11211'],
    ['10.2.0.2, 10.2.0.1', '10.2.0.2, 10.9.0.7'],
    ['10.2.0.1/32', '10.9.0.7/32'],
    ['inet:10.2.0.1:11211', 'inet:10.9.0.7:11211'],
    ['tcp:10.2.0.1:6641', 'tcp:10.9.0.7:6641'],
    ['lvm:10.2.0.1;nfs:10.2.0.1', 'lvm:10.9.0.7;nfs:10.9.0.7'],
    ['"10.2.0.1"', '"10.9.0.7"'],
    ['portal is 10.2.0.1.', 'portal is 10.9.0.7.'],
    ['http://10.2.0.1:5000/v3', 'http://10.9.0.7:5000/v3'],
    ['http://10.2.0.1', 'http://10.9.0.7'],
    ['http://10.2.0.1?a=1', 'http://10.9.0.7?a=1'],
    ['http://a:9292,http://10.2.0.1:9292', 'http://a:9292,http://10.9.0.7:9292'],
    ['http://10.2.0.1:9292, http://10.2.0.1:9393', 'http://10.9.0.7:9292, http://10.9.0.7:9393'],
    ['rabbit://u:p@10.2.0.1:5672/nova', 'rabbit://u:p@10.9.0.7:5672/nova'],
    ['rabbit://u:p@10.2.0.1:5672,u:p@10.2.0.1:5673//', 'rabbit://u:p@10.9.0.7:5672,u:p@10.9.0.7:5673//'],
    ['mysql+pymysql://nova:x@10.2.0.1/nova?charset=utf8', 'mysql+pymysql://nova:x@10.9.0.7/nova?charset=utf8'],
    ['mysql+pymysql://nova:s?3#cr@10.2.0.1/nova', 'mysql+pymysql://nova:s?3#cr@10.9.0.7/nova'],
    ['"mysql+pymysql://nova:a b@10.2.0.1/nova"', '"mysql+pymysql://nova:a b@10.9.0.7/nova"'],
    ['mysql+pymysql://nova:x@10.2.0.1/nova?ssl=a@b', 'mysql+pymysql://nova:x@10.9.0.7/nova?ssl=a@b'],
    ['redis://:x@10.2.0.2:6379?sentinel=10.2.0.1:26379', 'redis://:x@10.2.0.2:6379?sentinel=10.9.0.7:26379'],
    ['fd00:2::1', 'fd00:9::7'],
    ['FD00:2:0::1', 'fd00:9::7'],
    ['[fd00:2::1]:11211', '[fd00:9::7]:11211'],
    ['inet6:[fd00:2::1]:11211', 'inet6:[fd00:9::7]:11211'],
    ['http://[fd00:2::1]:5000/v3', 'http://[fd00:9::7]:5000/v3'],
    ['one,\n  10.2.0.1:1,\n  two', 'one,\n  10.9.0.7:1,\n  two'],
  ])('%s', (value, wanted) => expect(mapAddresses(value, map)).toBe(wanted))
})

describe('what only looks similar stays', () => {
  test.each([
    '10.2.0.10',
    '10.2.0.11',
    '110.2.0.1',
    '10.2.0.1.5',
    '9.10.2.0.1',
    '10.2.0.1.example.org',
    'ip-10.2.0.1',
    '10.2.0.1-old',
    'v10.2.0.1',
    '127.0.0.1',
    'localhost',
    '0.0.0.0',
    '::',
    '::1',
    '[::1]:11211',
    'fd00:2::11',
    'fd00:2::1:1',
    'fa:16:3e:00:00:00',
    '12:30:00',
    'a::b',
    'nova.virt.libvirt.LibvirtDriver',
    '$my_ip',
    'mysql+pymysql://nova:10.2.0.1@db/nova',
    'mysql+pymysql://10.2.0.1:x@db/nova',
    'mysql+pymysql://nova:a/10.2.0.1@db/nova',
    'mysql+pymysql://nova:a 10.2.0.1 b@db/nova',
    'rabbit://u:10.2.0.1@h1:5672,10.2.0.1:p@h2:5672/10.2.0.1',
    'http://h/10.2.0.1/images',
    'sqlite:////var/lib/10.2.0.1/x',
    '10.9.0.7',
  ])('%s', (value) => expect(mapAddresses(value, map)).toBe(value))
})

test('the password of a URL stays while its host changes', () => {
  expect(mapAddresses('mysql+pymysql://10.2.0.1:p/10.2.0.1 #;@10.2.0.1:3306/nova', map)).toBe(
    'mysql+pymysql://10.2.0.1:p/10.2.0.1 #;@10.9.0.7:3306/nova',
  )
})

test('addresses of the source that are in no setting are recognised', () => {
  expect([...map.stays]).toEqual(['10.3.0.1'])
})

test('the addresses a value names', () => {
  expect(addressesIn('rabbit://u:10.0.0.9@10.2.0.1,u:p@[FD00:2::1]:1/x 10.2.0.3')).toEqual([
    '10.2.0.1',
    'fd00:2::1',
    '10.2.0.3',
  ])
})

test.each([
  ['10.2.0.1', 'fd00::1'],
  ['src', '10.2.0.1'],
])('inconsistent counterparts are refused: %s %s', (source, target) => {
  expect(() => addressMap({ ...config, counterparts: [{ source, target }] })).toThrow(
    expect.objectContaining({ exitCode: 2, where: '/x/swapctl.ini' }),
  )
})

describe('the name of the old machine', () => {
  const named = addressMap(config, [], 'Src')
  test.each([
    'src',
    'src:11211',
    'a:1,SRC:2',
    'http://src:9292',
    'http://src',
    'rabbit://u:p@a:5672,u:p@src:5672/',
    'src/24',
  ])('%s leads there', (value) => expect(namesMachine(value, named)).toBe(true))
  test.each([
    '/usr/src',
    'src1',
    'src-db',
    'src.example.org',
    'mysql://u:src@db/nova',
    'mysql://src:p@db/src',
    'my src.x',
  ])('%s does not', (value) => expect(namesMachine(value, named)).toBe(false))
  test('an unknown host name matches nothing', () => expect(namesMachine('src', map)).toBe(false))
})

describe('a range of addresses is kept whole, and what of the source is in it is named', () => {
  test.each([
    ['10.2.0.1-10.2.0.9', '10.2.0.1'],
    ['10.2.0.0-10.2.0.1', '10.2.0.1'],
    ['10.2.0.0-10.2.0.9', '10.2.0.1'],
    ['10.2.0.9-10.2.0.0', '10.2.0.1'],
    ['10.2.0.1 - 10.2.0.9', '10.2.0.1'],
    ['10.2.0.1/24-10.2.0.9/24', '10.2.0.1'],
    ['10.2.0.1:80-10.2.0.9:80', '10.2.0.1'],
    ['10.2.0.1..10.2.0.9', '10.2.0.1'],
    ['10.2.0.1-9', '10.2.0.1'],
    ['10.2.0.0-255', '10.2.0.1'],
    ['10.2.0.1-10.3.0.1', '10.2.0.1 and 10.3.0.1'],
    ['fd00:2::1-fd00:2::9', 'fd00:2::1'],
    ['FD00:2:0::0 - [fd00:2::ff]', 'fd00:2::1'],
  ])('%s', (range, old) => {
    const said = [`${range} has ${old} of the source in it: kept as it is, see what it must be now`]
    for (const value of [range, `a, ${range}; b`, `pool:${range}`, `"${range}"`, `x=${range}`]) {
      if (value.startsWith('pool') && /^f/i.test(range)) continue
      expect(mapAddresses(value, map)).toBe(value)
      expect(addressesIn(value)).toEqual([])
      expect(rangesWithOld(value, map)).toEqual(said)
    }
    expect(mapAddresses(`${range},10.2.0.1`, map)).toBe(`${range},10.9.0.7`)
  })

  test.each(['10.2.0.2-10.2.0.9', '10.2.0.2-9', '10.2.0.10-10.2.0.10', 'fd00:3::1-fd00:3::9', '10.2.0.1-old', '1-2'])(
    'nothing of the source is in %s',
    (value) => {
      expect(mapAddresses(value, map)).toBe(value)
      expect(rangesWithOld(value, map)).toEqual([])
    },
  )

  test('what only looks like one', () => {
    expect(mapAddresses('10.2.0.1 - fd00:2::1', map)).toBe('10.9.0.7 - fd00:9::7')
    expect(rangesWithOld('http://u:10.2.0.0-10.2.0.9@h/', map)).toEqual([])
    expect(mapAddresses('10:20 - 11:30, 10.2.0.1', map)).toBe('10:20 - 11:30, 10.9.0.7')
  })
})
