import { describe, expect, test } from 'vitest'
import { SwapError } from '../src/errors.ts'
import { defaultLimits, limitsOf } from '../src/limits.ts'
import { configOf } from '../src/settings.ts'

const key = `SHA256:${'a'.repeat(43)}`
const good = `
; a comment
[swap]
name = prod
release = Epoxy
[source]
host = 10.20.0.11
host_key = ${key}
[target]
host = 10.20.0.12
port = 2222
host_key = ${key}
[address api]
address = 10.20.0.10/24
source_interface = eth0
target_interface = ens3
[counterpart storage]
source = 10.30.0.11
target = 10.30.0.12
[hop zed]
archive = zed.tar.zst
[compute cmp1]
host = 10.20.0.13
host_key = ${key}
`

const failure = (text: string): SwapError => {
  try {
    configOf('/etc/swap/swapctl.ini', text)
  } catch (error) {
    if (error instanceof SwapError) return error
    throw error
  }
  throw new Error('the settings were accepted')
}

test('the settings become a config with defaults, paths from the file, and the two machines as counterparts', () => {
  const config = configOf('/etc/swap/swapctl.ini', good)
  expect(config).toMatchObject({
    name: 'prod',
    release: 'epoxy',
    state: '/etc/swap/swap-state',
    parallel: 3,
    source: { host: '10.20.0.11', user: 'root', port: 22, openrc: '/root/openrc' },
    target: { host: '10.20.0.12', port: 2222 },
    addresses: [{ name: 'api', address: '10.20.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'ens3' }],
    counterparts: [
      { source: '10.20.0.11', target: '10.20.0.12' },
      { source: '10.30.0.11', target: '10.30.0.12' },
    ],
    hops: [{ release: 'zed', archive: '/etc/swap/zed.tar.zst' }],
    computes: [{ name: 'cmp1', host: '10.20.0.13' }],
  })
})

describe('a mistake is refused with file, section and option', () => {
  const cases: readonly [string, string, string, RegExp][] = [
    ['unknown section', '[counterpart storage]', '[conterpart storage]', /\[conterpart storage\] is unknown/],
    ['unknown option', 'port = 2222', 'prot = 2222', /\[target\] prot: unknown option/],
    ['missing option', 'release = Epoxy', '', /\[swap\] release: is missing/],
    [
      'missing section',
      `[address api]\naddress = 10.20.0.10/24\nsource_interface = eth0\ntarget_interface = ens3`,
      '',
      /\[address NAME\] is missing/,
    ],
    ['a section without its name', '[hop zed]', '[hop]', /\[hop\] must be written \[hop NAME\]/],
    ['no prefix', '10.20.0.10/24', '10.20.0.10', /\[address api\] address: '10.20.0.10' is no ADDRESS\/PREFIX/],
    ['a prefix too long', '10.20.0.10/24', '10.20.0.10/33', /\[address api\] address/],
    ['a bad interface', 'ens3', 'ens3; reboot', /must stand in double quotes/],
    ['a bad interface', 'ens3', 'a b', /\[address api\] target_interface: 'a b' is no interface name/],
    ['a bad port', '2222', '22222222', /\[target\] port: '22222222' is no number from 1 to 65535/],
    ['a bad key', key, 'ssh-ed25519', /\[source\] host_key/],
    ['a bad name', 'name = prod', 'name = $(id)', /\[swap\] name/],
    ['an option twice', 'port = 2222', 'port = 2222\nport = 22', /line 12: \[target\] port is given twice/],
    ['an option before all sections', '; a comment', 'color = red', /'color' stands before any section/],
    [
      'an address that is none',
      'target = 10.30.0.12',
      'target = storage',
      /\[counterpart storage\] target: 'storage' is no address/,
    ],
  ]
  test.each(cases)('%s', (_, from, to, message) => {
    expect(good).toContain(from)
    const error = failure(good.replace(from, to))
    expect(error.message).toMatch(message)
    expect(error.where).toBe('/etc/swap/swapctl.ini')
    expect(error.exitCode).toBe(2)
  })
})

test('limits are set in seconds, and those that are not set have a value', () => {
  const config = configOf('/etc/swap/swapctl.ini', `${good}\n[limits]\nschema = 20000\n`)
  expect(limitsOf(config)).toEqual({ ...defaultLimits, schema: 20000 })
  expect(failure(`${good}\n[limits]\nschema = 2h\n`).message).toContain('[limits] schema')
})

test('all unknown options are named at once', () => {
  const error = failure(good.replace('port = 2222', 'prot = 1\nusr = x'))
  expect(error.message).toMatch(/prot[\s\S]*usr/)
})

test('a cutover goes back by itself after a minute, after as long as the settings say, or not at all', () => {
  const budget = (text: string) => configOf('/etc/swap/swapctl.ini', `${good}\n[cutover]\nbudget = ${text}\n`).budget
  expect(configOf('/etc/swap/swapctl.ini', good).budget).toBe(60)
  expect([budget('120'), budget('off')]).toEqual([120, undefined])
  for (const text of ['0', '5', '1m', '4000'])
    expect(failure(`${good}\n[cutover]\nbudget = ${text}\n`).message).toContain('[cutover] budget')
})

test('an IPv6 address is kept as the machines say it, and one of a single link does not move', () => {
  const moving = (address: string) => good.replace('10.20.0.10/24', address)
  expect(configOf('/etc/swap/swapctl.ini', moving('FD00:77:0::A:10/64')).addresses[0]?.address).toBe('fd00:77::a:10')
  expect(failure(moving('fe80::1%eth0/64')).message).toContain("'fe80::1%eth0/64' is no ADDRESS/PREFIX")
})
