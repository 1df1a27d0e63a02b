import type { Machine } from '../config.ts'
import { defaultBudget } from '../config.ts'
import { defaultLimits } from '../limits.ts'
import type { InterfaceAddress } from '../survey.ts'

/** What `init` learned from the hosts. */
export interface Found {
  readonly release: string
  readonly key: string
  readonly source: Machine
  readonly target: Machine
  readonly computes: readonly Machine[]
  readonly sourceAddresses: readonly InterfaceAddress[]
  readonly targetAddresses: readonly InterfaceAddress[]
  readonly endpointHosts: readonly string[]
}

/** The settings file, commented. Pure: an address that endpoints name moves; the source's others get a counterpart. */
export const settingsText = (found: Found): string =>
  [
    `; Settings of one swap. Lines beginning with ; are comments; a value with ; or # stands in double quotes.
[swap]
name = ${found.source.host.replaceAll(/[.:]/g, '-')}
; the release to arrive at
release = ${found.release}
; journal, lock, survey and reports; of the operator alone
state = swap-state
; how many steps run side by side
parallel = 3
`,
    `; The old controller, by an address of its own: one that moves would cut swapctl off.
${machineText('source', found.source, found.key)}; an openrc file of the admin, on the source
openrc = /root/openrc
`,
    `; The new controller: a fresh machine of the release's system.
${machineText('target', found.target, found.key)}`,
    addressesText(found),
    counterpartsText(found),
    `; A release whose code must sync the schemas on the way: a packed root tree with its *-manage commands.
; swapctl prepare says which are needed.
; [hop zed]
; archive = zed.tar.zst
`,
    `; What is not confirmed after so many seconds of a cutover goes back by itself; off: it does not.
; [cutover]
; budget = ${defaultBudget}
`,
    `; How long things may take before they are ended, in seconds; these are the defaults.
; [limits]
${Object.entries(defaultLimits)
  .map(([name, seconds]) => `; ${name} = ${seconds}`)
  .join('\n')}
`,
    found.computes.length === 0
      ? `; Compute nodes that swapctl may look at:\n; [compute cmp1]\n; host = 10.0.0.13\n; host_key = SHA256:...\n`
      : found.computes.map((compute) => machineText(`compute ${compute.name}`, compute, found.key)).join('\n'),
  ].join('\n')

const machineText = (title: string, machine: Machine, key: string): string => `[${title}]
host = ${machine.host}
user = ${machine.user}
key = ${key}
host_key = ${machine.hostKey}
`

const isLocal = (address: InterfaceAddress): boolean =>
  address.interface === 'lo' || address.address.startsWith('fe80:') || address.address.startsWith('127.')

const moves = (found: Found, address: InterfaceAddress): boolean =>
  !isLocal(address) && address.address !== found.source.host && found.endpointHosts.includes(address.address)

const addressesText = (found: Found): string => {
  const moving = found.sourceAddresses.filter((address) => moves(found, address))
  const head =
    '; Addresses that move to the target at the cutover: those that endpoints, databases and queues are reached by.\n'
  if (moving.length === 0)
    return `${head}; None of the endpoints names an address of the source other than ${found.source.host}: fill this in.\n; [address api]\n; address = 10.0.0.10/24\n; source_interface = eth0\n; target_interface = eth0\n`
  return moving
    .map((address, index) => {
      const target = likeliest(found, address)?.interface ?? address.interface
      return `${index === 0 ? head : ''}[address ${index === 0 ? 'api' : `api-${index + 1}`}]
address = ${address.address}/${address.prefix}
source_interface = ${address.interface}
target_interface = ${target}
`
    })
    .join('\n')
}

const counterpartsText = (found: Found): string => {
  const staying = found.sourceAddresses.filter(
    (address) => !isLocal(address) && !moves(found, address) && address.address !== found.source.host,
  )
  const head =
    '; Addresses of the source that stay with it, and the ones of the target that take their part (storage portals).\n'
  const pairs = staying.map((address, index) => {
    const target = likeliest(found, address)
    const comment = target === undefined ? '; ' : ''
    return `${comment}[counterpart ${address.interface.replaceAll(/[^A-Za-z0-9-]/g, '-')}${index === 0 ? '' : `-${index + 1}`}]
${comment}source = ${address.address}
${comment}target = ${target?.address ?? 'ADDRESS OF THE TARGET'}
`
  })
  return (
    head +
    (pairs.length === 0 ? '; [counterpart storage]\n; source = 10.1.0.11\n; target = 10.1.0.12\n' : pairs.join('\n'))
  )
}

/** The target's address in the same network, by the source's prefix (IPv4; an IPv6 one is left to the operator). */
const likeliest = (found: Found, address: InterfaceAddress): InterfaceAddress | undefined =>
  found.targetAddresses.find(
    (other) => !isLocal(other) && network(other.address, address.prefix) === network(address.address, address.prefix),
  )

const network = (address: string, prefix: number): string => {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4) return address
  const value = parts.reduce((sum, part) => sum * 256 + part, 0)
  return String(Math.floor(value / 2 ** (32 - prefix)))
}
