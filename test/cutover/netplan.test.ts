import { describe, expect, test } from 'vitest'
import { netplanConfigures, netplanHas, withNetplan, withoutNetplan } from '../../src/cutover/keepers/netplan.ts'

const block = `# kept by hand
network:
  version: 2
  renderer: networkd
  ethernets:
    eth0:   # the management network
      addresses:
      - 10.20.0.11/24
      - "10.20.0.10/24"   # api
      - fd00:20::10/64:
          label: "eth0:api"
          lifetime: 0
      nameservers:
        addresses: [10.20.0.1]
      routes:
        - to: default
          via: 10.20.0.1
    lan:
      match: {macaddress: "02:00:00:00:00:01"}
      set-name: eth1
      addresses: [10.30.0.11/24, 10.30.0.10/24]
`

const refused = (edit: object): string => ('refused' in edit ? String(edit.refused) : expect.fail('was edited'))
const text = (edit: object): string => ('text' in edit ? String(edit.text) : expect.fail(JSON.stringify(edit)))

describe('a netplan file', () => {
  test.each([
    ['an item of a list', '10.20.0.10', block.replace('      - "10.20.0.10/24"   # api\n', '')],
    [
      'an item with options',
      'fd00:20:0::10',
      block.replace('      - fd00:20::10/64:\n          label: "eth0:api"\n          lifetime: 0\n', ''),
    ],
    [
      'the last of a list in brackets',
      '10.30.0.10',
      block.replace('[10.30.0.11/24, 10.30.0.10/24]', '[10.30.0.11/24]'),
    ],
    ['the first of a list in brackets', '10.30.0.11', block.replace('[10.30.0.11/24, ', '[')],
    ['nothing for a look-alike', '10.20.0.101', block],
  ])('loses %s', (_what, address, wanted) => {
    expect(text(withoutNetplan(block, address))).toBe(wanted)
    expect(netplanHas(block, address)).toBe(wanted !== block)
  })

  test.each([
    [
      'of its own',
      'network:\n  ethernets:\n    eth0:\n      addresses:\n        - 10.20.0.10/24\n',
      'network:\n  ethernets:\n    eth0:\n      addresses: []\n',
    ],
    [
      'in brackets',
      'network: \n  ethernets:\n    eth0:\n      dhcp4: no\n      addresses: [ "10.20.0.10/24" ] # only',
      'network: \n  ethernets:\n    eth0:\n      dhcp4: no\n      addresses: [] # only',
    ],
  ])('keeps an empty list %s', (_what, before, after) => {
    expect(text(withoutNetplan(before, '10.20.0.10'))).toBe(after)
  })

  test.each([
    ['a policy', 'routing-policy:\n        - from: 10.20.0.10\n', /names 10\.20\.0\.10 in a place/],
    ['a resolver', 'nameservers:\n        addresses: [10.20.0.10]\n', /in a place/],
    ['anchors', 'addresses: &all\n      - 10.20.0.10/24\n', /anchors/],
    ['aliases', 'addresses: *all\n', /anchors/],
    ['tags', 'addresses: !!seq [10.20.0.10/24]\n', /tags/],
  ])('is refused with %s', (_what, option, why) => {
    const file = `network:\n  ethernets:\n    eth0:\n      ${option}`
    expect(refused(withoutNetplan(file, '10.20.0.10'))).toMatch(why)
  })

  test('is refused with two documents, or indented by tabs', () => {
    expect(refused(withoutNetplan('---\nnetwork: {}\n---\nnetwork: {}\n', '10.20.0.10'))).toMatch(/document/)
    expect(refused(withoutNetplan('network:\n\tversion: 2\n', '10.20.0.10'))).toMatch(/Tabs/)
  })

  test.each([
    ['eth0', '10.20.0.99/24', block.replace('lifetime: 0\n', 'lifetime: 0\n      - 10.20.0.99/24\n')],
    ['eth0', 'fd00:20::99/64', block.replace('lifetime: 0\n', 'lifetime: 0\n      - "fd00:20::99/64"\n')],
    ['eth1', '10.30.0.99/24', block.replace('10.30.0.10/24]', '10.30.0.10/24, 10.30.0.99/24]')],
  ])('gives %s %s after the others', (device, address, wanted) => {
    expect(text(withNetplan(block, device, address))).toBe(wanted)
    expect(netplanConfigures(block, device)).toBe(true)
  })

  test.each([
    ['[10.20.0.11/24,\n        10.20.0.10/24]\n', '[10.20.0.11/24]\n'],
    ['[10.20.0.10/24,\n        10.20.0.11/24]\n', '[10.20.0.11/24]\n'],
  ])('loses an address of the list %j over several lines', (before, after) => {
    const file = (list: string) => `network:\n  ethernets:\n    eth0:\n      addresses: ${list}`
    expect(text(withoutNetplan(file(before), '10.20.0.10'))).toBe(file(after))
  })

  test.each([
    ['no list', 'dhcp4: true\n', 'addresses: [10.20.0.10/24]\n      dhcp4: true\n'],
    ['an empty list', 'addresses: []\n', 'addresses: [10.20.0.10/24]\n'],
    [
      'a neighbour with a list',
      'dhcp4: true\n    eth1:\n      addresses:\n      - 10.1.0.1/24\n',
      'addresses: [10.20.0.10/24]\n      dhcp4: true\n    eth1:\n      addresses:\n      - 10.1.0.1/24\n',
    ],
  ])('gives a device with %s its first', (_what, before, after) => {
    const file = (option: string) => `network:\n  ethernets:\n    eth0:\n      ${option}`
    expect(text(withNetplan(file(before), 'eth0', '10.20.0.10/24'))).toBe(file(after))
  })

  test.each([
    ['eth0: {dhcp4: true}\n', 'eth0: {addresses: [10.20.0.10/24], dhcp4: true}\n'],
    ['x: {match: {name: eth0}, mtu: 1500}\n', 'x: {addresses: [10.20.0.10/24], match: {name: eth0}, mtu: 1500}\n'],
    [
      'eth0:\n      addresses: [\n        10.0.0.1/24]\n',
      'eth0:\n      addresses: [\n        10.0.0.1/24, 10.20.0.10/24]\n',
    ],
  ])('gives and loses an address in %j', (before, after) => {
    const file = (device: string) => `network:\n  ethernets:\n    ${device}`
    expect(text(withNetplan(file(before), 'eth0', '10.20.0.10/24'))).toBe(file(after))
    expect(text(withoutNetplan(file(after), '10.20.0.10'))).toBe(
      file(after).replace(', 10.20.0.10/24]', ']').replace('10.20.0.10/24', ''),
    )
  })

  test.each([
    ['another device', 'network:\n  ethernets:\n    eth1:\n      dhcp4: true\n', /no device for eth0/],
    ['a device without options', 'network:\n  ethernets:\n    eth0:\n', /does not configure eth0/],
    ['a list that is none', 'network:\n  ethernets:\n    eth0:\n      addresses: 10.0.0.1/24\n', /in a form/],
    ['a glob for a match', 'network:\n  ethernets:\n    x:\n      match: {name: e*}\n', /no device for eth0/],
  ])('is refused an address with %s', (_what, file, why) => {
    expect(refused(withNetplan(file, 'eth0', '10.20.0.10/24'))).toMatch(why)
  })
})
