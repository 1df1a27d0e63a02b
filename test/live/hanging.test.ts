import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import { addressChecks } from '../../src/checks/addresses.ts'
import { hangingChecks } from '../../src/checks/hanging.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { api, six } from './controllers.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let source: Box
let target: Box

beforeAll(async () => {
  net = await openNet('swaphang')
  source = await net.box('source', ['10.77.0.11/24', 'fd00:77::11/64'])
  target = await net.box('target', ['10.77.0.12/24', 'fd00:77::12/64'])
}, 60_000)
afterAll(() => net?.close())

const found = async (id = 'address/hanging'): Promise<readonly string[]> => {
  const check = [...hangingChecks, ...addressChecks].find((one) => one.id === id)
  const context = {
    config: { ...settings, addresses: [api, six] },
    survey: surveyed,
    hosts: (name: string) => (name === 'source' ? source.host('source') : target.host('target')),
  } as unknown as CheckContext
  return (await check?.ask(context))?.map(({ level, says }) => `${level}: ${says}`) ?? ['not asked']
}
/** Applies a change on the source, and reverts it after the look. */
const seen = async (does: string, undoes: string): Promise<readonly string[]> => {
  await source.ask('sh', '-ec', does)
  const says = await found()
  await source.ask('sh', '-ec', undoes)
  return says
}

test('a plain second address is no finding; whatever depends on it is', async () => {
  await source.ask('sh', '-ec', 'ip addr add 10.77.0.10/24 dev eth0; ip addr add fd00:77::a:10/64 dev eth0 nodad')
  expect(await found()).toEqual([])

  const route = (words: string) => seen(`ip route add ${words}`, `ip route del ${words}`)
  expect(await route('default via 10.77.0.1 src 10.77.0.11')).toEqual([])
  expect(await route('default via 10.77.0.1 src 10.77.0.10')).toEqual([
    expect.stringMatching(/^block: a route of the source uses 10\.77\.0\.10 .*: default via 10\.77\.0\.1 dev eth0 src/),
  ])
  expect(await route('10.8.0.0/16 via 10.77.0.1 src 10.77.0.10 table 100')).toEqual([
    expect.stringMatching(/^block: .*: 10\.8\.0\.0\/16 via 10\.77\.0\.1 dev eth0 table 100 src 10\.77\.0\.10$/),
  ])
  expect(await seen('ip -6 route add fd08::/16 via fd00:77::1 src fd00:77::a:10', 'ip -6 route del fd08::/16')).toEqual(
    [expect.stringMatching(/^block: a route of the source uses fd00:77::a:10/)],
  )

  await source.ask('ip', 'rule', 'add', 'from', '10.77.0.10', 'lookup', '100')
  expect(await found()).toEqual([
    'block: the source has a routing rule for 10.77.0.10, the target has not: from 10.77.0.10 lookup 100',
  ])
  await target.ask('ip', 'rule', 'add', 'from', '10.77.0.10', 'lookup', '100')
  expect(await found()).toEqual([])
})

test('an address with further attributes is a finding', async () => {
  const four = (words: string, alone = '') =>
    seen(
      `ip -4 addr flush dev eth0; ip addr add 10.77.0.10${words} dev eth0 ${alone}`,
      'ip -4 addr flush dev eth0; ip addr add 10.77.0.11/24 dev eth0; ip addr add 10.77.0.10/24 dev eth0',
    )
  const change = (words: string) =>
    seen(
      `ip addr change fd00:77::a:10/64 dev eth0 ${words}`,
      'ip addr change fd00:77::a:10/64 dev eth0 valid_lft forever preferred_lft forever',
    )
  const is = (what: string) => [expect.stringContaining(`of the source ${what}`)]
  expect(await change('preferred_lft 0')).toEqual(is('is deprecated (preferred_lft 0sec)'))
  expect(await change('valid_lft 3000 preferred_lft 2000')).toEqual(is('is valid for'))
  expect(await four('/24', 'scope link')).toEqual(is('has the scope link'))
  expect(await four(' peer 10.77.0.99/32')).toEqual(is('has the peer 10.77.0.99/32'))
  expect(await found()).toEqual([])
})

test('the first address of a network is reported, because a revert changes the order', async () => {
  await source.ask(
    'sh',
    '-ec',
    'ip -4 addr flush dev eth0; ip addr add 10.77.0.10/24 dev eth0; ip addr add 10.77.0.11/24 dev eth0',
  )
  expect(await found()).toEqual([
    expect.stringMatching(/^warn: 10\.77\.0\.10 is the first address .* sends its own packets from 10\.77\.0\.11$/),
  ])
})

test('an interface without ARP is refused, with the flag that says so', async () => {
  expect(await found('address/announce')).toEqual([])
  await target.ask('ip', 'link', 'set', 'eth0', 'arp', 'off')
  expect(await found('address/announce')).toEqual([
    expect.stringMatching(/^block: eth0 of the target is NOARP: 10\.77\.0\.10 cannot be announced/),
    expect.stringMatching(/^block: eth0 of the target is NOARP: fd00:77::a:10/),
  ])
  await target.ask('ip', 'link', 'set', 'eth0', 'arp', 'on')
})
