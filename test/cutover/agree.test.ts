import { describe, expect, test } from 'vitest'
import { type Round, verdictOf } from '../../src/cutover/handover/agree.ts'
import { gatewaysOf } from '../../src/cutover/handover/gateways.ts'

const link = (mac: string) => [{ name: 'eth0', mac, loopback: false, addresses: [] }]
const [old, now] = [link('02:00:00:00:00:11'), link('02:00:00:00:00:12')]
const round = (more: Partial<Round>): Round => ({
  address: '10.20.0.10',
  neighbours: [],
  gateways: [],
  senders: [],
  ...more,
})
const router = (answered: boolean, answersAtAll: boolean) => ({
  gateway: '10.20.0.1',
  address: '10.20.0.10',
  answered,
  answersAtAll,
})
const sender = (ip: string) => ({ address: '10.20.0.10', ip, from: `${ip} (02:00:00:00:00:01)` })
const verdict = (more: Partial<Round>) => {
  const { wrong, said } = verdictOf(round(more), old, now)
  return { wrong: wrong.map(({ who, says, sure }) => `${sure ? 'sure: ' : ''}${who} ${says}`), said }
}

describe('which machine sends where', () => {
  test.each([
    ['nobody is asked', {}, [], []],
    [
      'a compute that knows the target',
      { neighbours: [{ host: 'compute:c1', mac: '02:00:00:00:00:12' }] },
      [],
      ['compute:c1 sends traffic for 10.20.0.10 to the target'],
    ],
    [
      'a compute behind a router',
      { neighbours: [{ host: 'compute:c1', mac: '02:00:00:00:00:99' }] },
      [],
      ['compute:c1 sends traffic for 10.20.0.10 to 02:00:00:00:00:99 (a router?)'],
    ],
    [
      'a compute that sends to the source',
      { neighbours: [{ host: 'compute:c1', mac: '02:00:00:00:00:11' }] },
      ['sure: compute:c1 sends traffic for 10.20.0.10 to 02:00:00:00:00:11, the source'],
      [],
    ],
    [
      'a router that answers',
      { gateways: [router(true, true)] },
      [],
      ['router 10.20.0.1 sends traffic for 10.20.0.10 to the target'],
    ],
    [
      'a router that the source hears',
      { gateways: [router(false, true)], senders: [sender('10.20.0.1')] },
      ['sure: router 10.20.0.1 sends traffic for 10.20.0.10 to the source'],
      [],
    ],
    [
      'a router that filters',
      { gateways: [router(false, true)] },
      ['router 10.20.0.1 answers pings from the target, but not from 10.20.0.10'],
      [],
    ],
    [
      'a router that is silent',
      { gateways: [router(false, false)] },
      [],
      ['router 10.20.0.1 does not answer pings: it was sent the announcement of 10.20.0.10, but not checked'],
    ],
    [
      'somebody else',
      { senders: [sender('10.20.0.77')] },
      ['10.20.0.77 (02:00:00:00:00:01) sends traffic for 10.20.0.10 to the source'],
      [],
    ],
  ] as const)('%s', (_what, more, wrong, said) => {
    expect(verdict(more)).toEqual({ wrong, said })
  })
})

const routes = `default via 10.20.0.1 dev eth0 proto static onlink
10.99.0.0/16 via 10.20.0.2 dev eth0
10.98.0.0/16 via 10.30.0.1 dev eth1
10.97.0.0/16 via 10.21.0.1 dev eth0 onlink
default table 7 proto static nexthop via 10.20.0.3 dev eth0 weight 1 nexthop via 10.20.0.4 dev eth1 weight 1
10.20.0.0/24 dev eth0 proto kernel scope link src 10.20.0.11
default via fe80::1 dev eth0 proto ra metric 1024
fd01::/64 via fd00:20::2 dev eth0
10.96.0.0/16 via inet6 fe80::9 dev eth0
`

describe('routers in the network of an address', () => {
  test.each([
    ['10.20.0.10', 24, ['10.20.0.1', '10.20.0.2', '10.20.0.3']],
    ['10.20.0.2', 24, ['10.20.0.1', '10.20.0.3']],
    ['fd00:20::10', 64, ['fe80::1', 'fd00:20::2', 'fe80::9']],
    ['10.40.0.10', 24, []],
  ])('of %s', (address, prefix, wanted) => {
    expect(gatewaysOf(routes, 'eth0', { address, prefix })).toEqual(wanted)
  })
})
