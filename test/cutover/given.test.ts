import { expect, test } from 'vitest'
import { editFiles, isGiven, type Known } from '../../src/cutover/keepers/edits.ts'

const moving = { name: 'api', address: '10.20.0.10', prefix: 24, sourceInterface: 'e0', targetInterface: 'e0' }

/** A file per kind whose machine has the address as resolver or gateway, but not as its own. */
const files: readonly (readonly [Known['kind'], string, string])[] = [
  [
    'networkd',
    '/etc/systemd/network/e0.network',
    '[Match]\nName=e0\n[Network]\nAddress=10.20.0.12/24\nDNS=10.20.0.10\n',
  ],
  ['ifupdown', '/etc/network/interfaces', 'iface e0 inet static\n  address 10.20.0.12/24\n  gateway 10.20.0.10\n'],
  [
    'netplan',
    '/etc/netplan/1.yaml',
    'network:\n  ethernets:\n    e0:\n      addresses: [10.20.0.12/24]\n      nameservers:\n        addresses: [10.20.0.10]\n',
  ],
  ['ifcfg', '/etc/sysconfig/network-scripts/ifcfg-e0', 'DEVICE=e0\nIPADDR=10.20.0.12\nPREFIX=24\nDNS1=10.20.0.10\n'],
  [
    'NetworkManager',
    '/etc/NetworkManager/system-connections/e0',
    '[ipv4]\nmethod=manual\naddress1=10.20.0.12/24,10.20.0.10\ndns=10.20.0.10;\n',
  ],
]

const managed = (kind: Known['kind'], path: string, content: string): Known =>
  ({ kind, files: [{ path, content, mode: '644', owner: 'root:root' }] }) as unknown as Known

test.each(files)('%s: the target gets the address although it is its resolver or gateway', (kind, path, content) => {
  const manager = managed(kind, path, content)
  expect(isGiven(manager, moving.address)).toBe(false)
  const edits = editFiles('target', manager, moving)
  const text = 'texts' in edits ? edits.texts.get(path) : edits.refused
  expect(isGiven(managed(kind, path, text ?? ''), moving.address)).toBe(true)
  expect(text?.length).toBeGreaterThan(content.length)
})

test.each(files)('%s: an address that the file already gives is not added twice', (kind, path, content) => {
  const own = { ...moving, address: '10.20.0.12' }
  expect(editFiles('target', managed(kind, path, content), own)).toEqual({ texts: new Map() })
})

test.each([
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.12/24\n  up ip addr add 10.20.0.10/24 dev e0\n'],
  ['NetworkManager', '[ipv4]\nmethod=manual\naddresses1=10.20.0.12/24;10.20.0.10/24,10.20.0.1\n'],
  ['ifcfg', 'DEVICE=e0\nIPADDR0=10.20.0.12\nIPADDR1="10.20.0.10"\n'],
  ['netplan', 'network: {ethernets: {e0: {addresses: [10.20.0.10/24: {label: "e0:1"}]}}}\n'],
] as const)('%s: other ways to give it count', (kind, content) => {
  expect(isGiven(managed(kind, '/etc/x', content), moving.address)).toBe(true)
})

/** Lines that give 10.20.0.10 where e0 must get 10.20.0.10/24, with the line's number and what it is refused for. */
const misplaced: readonly (readonly [Known['kind'], string, number, string])[] = [
  [
    'netplan',
    'network:\n  ethernets:\n    e0: {dhcp4: yes}\n    e1:\n      addresses:\n      - 10.20.0.10/24\n',
    6,
    'e1 as',
  ],
  ['netplan', 'network: {ethernets: {e0: {addresses: [10.20.0.10/32]}}}\n', 1, 'e0 as 10.20.0.10/32'],
  [
    'netplan',
    'network:\n  ethernets:\n    e0: {match: {macaddress: "02::"},\n      addresses: [10.20.0.10/24]}\n',
    4,
    'an interface that',
  ],
  ['netplan', 'network: {}\n---\n# 10.20.0.10/24\n', 3, 'an interface that swapctl cannot tell without a prefix'],
  ['ifupdown', 'iface e0 inet dhcp\niface e1 inet static\n  address 10.20.0.10/24\n', 3, 'e1 as 10.20.0.10/24'],
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.10\n  netmask 255.255.255.128\n', 2, 'e0 as 10.20.0.10/25'],
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.10\n', 2, 'e0 without a prefix'],
  [
    'ifupdown',
    'iface e0 inet dhcp\n  mtu \\\n  1500\n  up ip addr add 10.20.0.10/32 dev lo\n',
    4,
    'lo as 10.20.0.10/32',
  ],
  ['ifupdown', 'iface e0 inet dhcp\n  up ip addr add 10.20.0.10/24 dev lo || true\n', 2, 'lo as 10.20.0.10/24'],
  ['ifupdown', 'iface e1 inet dhcp\n  up ip addr add 10.20.0.10/24 dev $IFACE\n', 2, 'e1 as 10.20.0.10/24'],
  [
    'ifupdown',
    'iface e0 inet dhcp\n  up ip addr add 10.20.0.10/24 dev e0; true\n',
    2,
    'an interface that swapctl cannot tell without',
  ],
  [
    'ifupdown',
    'iface e0 inet dhcp\n  up ip \\\n addr add 10.20.0.10/24\n',
    2,
    'an interface that swapctl cannot tell without',
  ],
  [
    'ifupdown',
    'iface e0 inet dhcp\n  up ifconfig lo:1 10.20.0.10\n',
    2,
    'an interface that swapctl cannot tell without',
  ],
  ['networkd', '[Network]\nDNS=\\\n10.20.0.1\nAddress=10.20.0.10/32\n', 4, 'e0 as 10.20.0.10/32'],
  ['networkd', '[Address]\nAddress=10.20.0.10\n', 2, 'e0 without a prefix'],
  ['networkd', '[Address]\nAddress=10.20.0.10/24\nAddress=10.20.0.13/24\n', 2, 'e0 without a prefix'],
  ['ifcfg', 'DEVICE=e0\nIPADDR=10.20.0.12\nPREFIX=24\nIPADDR1=10.20.0.10\nPREFIX1=32\n', 4, 'e0 as 10.20.0.10/32'],
  ['ifcfg', 'DEVICE=e1:0\nIPADDR=10.20.0.10\nNETMASK=255.255.255.0\n', 2, 'e1 as 10.20.0.10/24'],
  ['ifcfg', 'DEVICE=e0\nIPADDR=10.20.0.10\nPREFIX=24\nIPADDR=10.20.0.12\n', 2, 'e0 without a prefix'],
  ['NetworkManager', '[ipv4]\naddress1=10.20.0.10/32,10.20.0.1\n', 2, 'e0 as 10.20.0.10/32'],
  ['NetworkManager', '[ipv4]\naddresses1=10.20.0.10;25;10.20.0.1;\n', 2, 'e0 as 10.20.0.10/25'],
]

test.each(misplaced)('%s: an address at another place is no reason to leave it: %j', (kind, content, line, where) => {
  expect(editFiles('target', managed(kind, '/etc/x', content), moving)).toEqual({
    refused: expect.stringMatching(
      new RegExp(`^/etc/x: line ${line} gives it to ${where}.*, but e0 must get 10.20.0.10/24$`),
    ),
    remedy: `On the target: remove 10.20.0.10 from line ${line} of /etc/x; swapctl adds it to e0`,
  })
})

test.each([
  ['netplan', 'network: {ethernets: {x: {match: {macaddress: "02::"}, set-name: e0, addresses: [10.20.0.10/24]}}}\n'],
  ['ifupdown', 'iface e0:1 inet static\n  address 10.20.0.10\n  netmask 255.255.255.0\n'],
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.10\n  netmask 24\n'],
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.10/255.255.255.0\n'],
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.10/24\n  netmask 255.255.255.0\n'],
  ['ifupdown', 'iface e0 inet dhcp\n  up ip addr add 10.20.0.10/255.255.255.0 dev e0\n'],
  ['ifupdown', `iface e0 inet dhcp\n  up ip addr add 10.20.0.10/24 dev "\${IFACE}" || true\n`],
  ['networkd', '[Address]\nAddress=\\\n10.20.0.10/24\n'],
  ['ifcfg', 'DEVICE="e0:1"\nIPADDR=10.20.0.10\nNETMASK=255.255.255.0\n'],
  ['NetworkManager', '[ipv4]\naddresses1=10.20.0.12;24;10.20.0.1;10.20.0.10;24;0.0.0.0;\n'],
] as const)('%s: the address at its interface, with its prefix, stays as it is: %j', (kind, content) => {
  expect(editFiles('target', managed(kind, '/etc/x', content), moving)).toEqual({ texts: new Map() })
})

/** Lines that only a program with another reading, or none, would take: 10.20.0.10 in each, and why it is unclear. */
const doubtful: readonly (readonly [Known['kind'], string, string])[] = [
  [
    'ifupdown',
    'iface e0 inet static\n  address 10.20.0.10\n  netmask 255.0.255.0\n',
    'line 2: 255.0.255.0 is no netmask',
  ],
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.10/255.0.255.0\n', 'line 2: 255.0.255.0 is no netmask'],
  ['ifupdown', 'iface e0 inet static\n  netmask 33\n  address 10.20.0.10\n', 'line 3: 33 is no netmask'],
  ['ifupdown', 'iface e0 inet static\n  address 10.20.0.10\n  netmask 024\n', 'line 2: 024 is no netmask'],
  [
    'ifupdown',
    'iface e0 inet static\n  address 10.20.0.10/24\n  netmask 255.255.0.0\n',
    'line 2: its netmasks 24 and 255.255.0.0 differ',
  ],
  [
    'ifupdown',
    'iface e0 inet dhcp\n  up ip addr add 10.20.0.10/255.255.0.255 dev e0\n',
    'line 2: 255.255.0.255 is no netmask',
  ],
  [
    'ifcfg',
    'DEVICE=e0\nIPADDR=10.20.0.12\nPREFIX=24\nIPADDR1=10.20.0.10\nNETMASK1=255.0.0.255\n',
    'line 4: 255.0.0.255 is no netmask',
  ],
  ['ifcfg', 'DEVICE=e0\nIPADDR=10.20.0.10\nPREFIX=24\nPREFIX=25\n', 'line 2: its netmasks 24 and 25 differ'],
  [
    'networkd',
    '[Network]\nAddress=10.20.0.12/24\nAddress=10.20.0.10/255.255.255.0\n',
    'line 3: 255.255.255.0 is no netmask',
  ],
  [
    'netplan',
    'network: {ethernets: {e0: {addresses: [10.20.0.10/255.255.255.0]}}}\n',
    'line 1: 255.255.255.0 is no netmask',
  ],
  ['NetworkManager', '[ipv4]\naddress1=10.20.0.10/255.255.255.0\n', 'line 2: 255.255.255.0 is no netmask'],
]

const ignored = (method: string) =>
  `under "${method}" ifupdown ignores an address, and ifupdown-ng or ifupdown2 may set it`
const own = 'iface e0 inet static\n  address 10.20.0.12/24\n'

test.each([
  ['iface e0 inet dhcp\n  address 10.20.0.10/24\n', `line 2: ${ignored('inet dhcp')}`],
  [`${own}iface e0 inet dhcp\n  address 10.20.0.10/24\n`, `line 4: ${ignored('inet dhcp')}`],
  ['iface e0 inet manual\n  address 10.20.0.10/24\n', `line 2: ${ignored('inet manual')}`],
  [
    `${own}iface e0 inet manual\n  address 10.20.0.10\n  up ip addr add $IF_ADDRESS/24 dev e0\n`,
    `line 4: ${ignored('inet manual')}`,
  ],
  ['iface lo inet loopback\n  address 10.20.0.10/24\n', `line 2: ${ignored('inet loopback')}`],
  [
    `iface net inet static\n  netmask 24\n${own}iface e0 inherits net\n  address 10.20.0.10/24\n`,
    'line 6: its stanza inherits options from another',
  ],
])('an address that some versions of ifup set is named, not guessed: %j', (content, why) => {
  for (const side of ['source', 'target'] as const)
    expect(editFiles(side, managed('ifupdown', '/etc/x', content), moving)).toEqual({
      refused: `/etc/x: ${why}`,
      remedy: expect.stringContaining('give the address in a stanza'),
    })
})

test.each(['inet static', 'inet tunnel', 'inet6 v4tunnel', ''])('a stanza of "%s" gives its address', (method) => {
  const content = `iface e0 ${method}\n  address 10.20.0.10/24\n`
  expect(editFiles('target', managed('ifupdown', '/etc/x', content), moving)).toEqual({ texts: new Map() })
})

test.each(doubtful)('%s: neither side relies on a line that is unclear: %j', (kind, content, why) => {
  for (const side of ['source', 'target'] as const)
    expect(editFiles(side, managed(kind, '/etc/x', content), moving)).toEqual({
      refused: `/etc/x: ${why}`,
      remedy: expect.stringMatching(`^On the ${side}, in ${why.split(':')[0]} of /etc/x: `),
    })
})

test('a command that takes the address off does not give it', () => {
  const content = 'iface e0 inet dhcp\n  down ip addr del 10.20.0.10/24 dev e0\n  up ip addr del 10.20.0.10/24 dev e0\n'
  expect(isGiven(managed('ifupdown', '/etc/x', content), moving.address)).toBe(false)
})
