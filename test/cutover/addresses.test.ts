import { describe, expect, test } from 'vitest'
import { holdingOf, parseLinks } from '../../src/ask/addresses.ts'
import { placeOf } from '../../src/cutover/outage/status.ts'
import { names } from '../../src/cutover/same-address.ts'

const bullseye = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host 
       valid_lft forever preferred_lft forever
2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 1e:e6:13:4a:a4:7e brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.20.0.11/24 brd 10.20.0.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet 10.20.0.10/24 brd 10.20.0.255 scope global secondary eth0:1
       valid_lft forever preferred_lft forever
    inet6 fd00:20::10/64 scope global 
       valid_lft forever preferred_lft forever
`

/** Holds an address on the loopback; has an address without broadcast, and a tunnel with a peer. */
const target = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet 10.20.0.10/32 scope global lo
       valid_lft forever preferred_lft forever
2: bond0.20: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:20:00:00:00:0c brd ff:ff:ff:ff:ff:ff
    inet 10.20.0.12/24 scope global bond0.20
       valid_lft forever preferred_lft forever
3: tun0: <POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UNKNOWN qlen 500
    link/none 
    inet 192.168.9.2 peer 192.168.9.1/32 scope global tun0
       valid_lft forever preferred_lft forever
`

describe('ip addr', () => {
  test('gives interfaces with all attributes needed to restore an address', () => {
    expect(parseLinks(bullseye)).toEqual([
      {
        name: 'lo',
        mac: '00:00:00:00:00:00',
        loopback: true,
        addresses: [
          { address: '127.0.0.1', prefix: 8, secondary: false, label: 'lo' },
          { address: '::1', prefix: 128, secondary: false },
        ],
      },
      {
        name: 'eth0',
        mac: '1e:e6:13:4a:a4:7e',
        loopback: false,
        addresses: [
          { address: '10.20.0.11', prefix: 24, secondary: false, broadcast: '10.20.0.255', label: 'eth0' },
          { address: '10.20.0.10', prefix: 24, secondary: true, broadcast: '10.20.0.255', label: 'eth0:1' },
          { address: 'fd00:20::10', prefix: 64, secondary: false },
        ],
      },
    ])
  })

  test('parses interfaces without a MAC, with dots, with a peer, and addresses without a broadcast', () => {
    const [, bond, tunnel] = parseLinks(target)
    expect(bond).toMatchObject({ name: 'bond0.20', mac: '02:20:00:00:00:0c' })
    expect(bond?.addresses[0]).not.toHaveProperty('broadcast')
    expect(tunnel).toMatchObject({ name: 'tun0', mac: '', addresses: [{ address: '192.168.9.2', prefix: 32 }] })
  })

  test.each([
    ['10.20.0.10', bullseye, 'eth0', false],
    ['10.20.0.10', target, undefined, true],
    ['10.20.0.1', bullseye, undefined, false],
    ['127.0.0.1', bullseye, undefined, true],
    ['fd00:20::10', bullseye, 'eth0', false],
  ])('%s is found at the right place', (address, text, device, loopback) => {
    const holding = holdingOf(parseLinks(text), address)
    expect(holding.interface?.name).toBe(device)
    expect(holding.loopback).toBe(loopback)
  })
})

describe('status', () => {
  const api = { name: 'api', address: '10.20.0.10' }
  const [here, there, nowhere] = [parseLinks(bullseye), parseLinks(target), parseLinks('')]
  test.each([
    [here, there, 'source: on eth0; target: unannounced on the loopback'],
    [here, here, 'source: on eth0; target: on eth0; BOTH hold it'],
    [nowhere, here, 'source: not there; target: on eth0'],
    ['no connection: ECONNREFUSED', here, 'source: cannot be asked: no connection: ECONNREFUSED; target: on eth0'],
  ])('says where an address is', (source, target, says) => {
    expect(placeOf(api, source, target).says).toBe(says)
  })
})

test('an address is recognised in every spelling; one with a zone is different', () => {
  for (const word of ['fd00::10', 'FD00:0::10/64', '"fd00::10/128"']) expect(names(word, 'fd00::10')).toBe(true)
  for (const word of ['fd00::11', 'fe80::1%eth0', 'fe80::1%eth0/64', '']) expect(names(word, 'fd00::10')).toBe(false)
})
