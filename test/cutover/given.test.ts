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
