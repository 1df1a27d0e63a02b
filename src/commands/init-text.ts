import { isIPv6 } from 'node:net'
import { isMember, type Peer } from '../ask/peers.ts'
import type { Machine } from '../config.ts'
import { defaultBudget, defaultStageRate } from '../config.ts'
import { defaultLimits } from '../limits.ts'
import type { InterfaceAddress } from '../survey.ts'
import { canonical } from '../text/canonical.ts'
import { inNetwork } from '../text/ranges.ts'
import type { Endpoints } from './init-endpoints.ts'

export interface InitFindings {
  readonly release: string
  readonly source: Machine
  /** other machines of the source's clusters; empty: none */
  readonly peers?: readonly FoundPeer[]
  readonly target: Machine
  readonly computes: readonly Machine[]
  readonly sourceAddresses: readonly InterfaceAddress[]
  readonly targetAddresses: readonly InterfaceAddress[]
  readonly endpoints: Endpoints
}

/** Another controller that the source knows. */
export interface FoundPeer extends Peer {
  /** undefined: it did not answer */
  readonly machine?: Machine
}

/** The settings file, with comments. Addresses in endpoints move; the source's other addresses get a counterpart. */
export const settingsText = (found: InitFindings): string =>
  [
    `; Settings of one swap. Lines beginning with ; are comments; put a value with ; or # in double quotes.
[swap]
name = ${found.source.host.replaceAll(/[.:]+/g, '-').replace(/^-/, '').slice(0, 40)}
; the target release
release = ${found.release}
; journal, lock, survey and reports; readable by the operator only
state = swap-state
; how many steps run side by side
parallel = 3
`,
    `; swapctl needs root on every machine. Where \`user\` is another, add \`become = sudo\`; if sudo wants a password there,
; swapctl asks for it once per run, or reads it from \`become_password_file\`, a file of mode 0600. The same goes for a
; key with a passphrase: \`key_passphrase_file\`.
; Machines behind a jump host get \`jump = bastion\`:
; [jump bastion]
; host = bastion.example.com
; host_key = SHA256:...
`,
    ...jumpsText(found),
    `; The old controller, by an address that does not move: swapctl would lose it at the cutover otherwise.
${machineText(sourceTitle(found), found.source)}; an openrc file of the admin, on the source
openrc = /root/openrc
`,
    ...peersText(found),
    `; The new controller: a fresh machine with the operating system of the target release.
${machineText('target', found.target)}`,
    addressesText(found),
    counterpartsText(found),
    `; An intermediate release whose code must upgrade the schemas, in one of these forms: a packed root tree with its
; *-manage commands (archive, on this machine), a root tree or a Python environment that is on the target (tree, venv).
; swapctl hop list shows which are needed and what they lack, swapctl hop make makes an archive.
; [hop zed]
; archive = zed.tar.zst
; A section [hop RELEASE SERVICE] is for one service only.
`,
    `; A cutover that is not confirmed within so many seconds rolls back automatically; off: it never does.
; [cutover]
; budget = ${defaultBudget}
; Whether the settings of computes that lead to the old controller's own addresses are rewritten once it is confirmed.
; retarget = no
`,
    `; Bytes a second that swapctl stage reads from the source (k, M, G), to leave it to those it serves; off: no limit.
; [stage]
; rate = ${defaultStageRate / 1e6}M
`,
    `; Time limits in seconds; these are the defaults.
; [limits]
${Object.entries(defaultLimits)
  .map(([name, seconds]) => `; ${name} = ${seconds}`)
  .join('\n')}
`,
    found.computes.length === 0
      ? `; Compute nodes; only swapctl computes retarget rewrites anything there:\n; [compute cmp1]\n; host = 10.0.0.13\n; host_key = SHA256:...\n`
      : found.computes.map((compute) => machineText(`compute ${compute.name}`, compute)).join('\n'),
  ].join('\n')

/** With several machines each section has a name. */
const sourceTitle = ({ peers = [], source }: InitFindings): string =>
  peers.some((peer) => isMember(peer)) ? `source ${source.name === 'source' ? 'first' : source.name}` : 'source'

/**
 * Cluster members get a section; machines known only from a balancer or VRRP may be something else and are commented
 * out.
 */
const peersText = ({ peers = [] }: InitFindings): readonly string[] =>
  peers.map((peer) => {
    const how = `; ${peer.name}, a member according to ${peer.by.join(', ')} on the source.`
    if (peer.machine === undefined)
      return `${how}\n; LOOK: ${peer.host} does not answer by ssh: set a reachable address in its section.\n; [source ${peer.name}]\n; host = ${peer.host}\n; host_key = SHA256:...\n`
    const text = machineText(`source ${peer.name}`, peer.machine)
    return isMember(peer)
      ? `${how}\n${text}`
      : `${how} If it is also a controller:\n${text.replaceAll(/^(?=.)/gm, '; ')}`
  })

/** The jump hosts on the way to any machine. */
const jumpsText = ({ source, target, computes }: InitFindings): readonly string[] => {
  const all = [source, target, ...computes].flatMap(({ jump = [] }) => jump)
  return [...new Map(all.map((hop) => [hop.name, hop])).values()].map((hop) => machineText(`jump ${hop.name}`, hop))
}

const machineText = (title: string, machine: Machine): string => `[${title}]
host = ${machine.host}
${machine.port === 22 ? '' : `port = ${machine.port}\n`}user = ${machine.user}
${becomeText(machine)}key = ${pathText(machine.key)}
${machine.passphraseFile === undefined ? '' : `key_passphrase_file = ${pathText(machine.passphraseFile)}\n`}host_key = ${machine.hostKey}
${
  machine.jump === undefined
    ? ''
    : `jump = ${machine.jump.map(({ name }) => name).join(', ')}
`
}`

const becomeText = ({ become }: Machine): string =>
  become === undefined
    ? ''
    : `become = sudo\n${become.passwordFile === undefined ? '' : `become_password_file = ${pathText(become.passwordFile)}\n`}`

/** A path as the settings are read: quoted where a comment might begin in it. */
const pathText = (path: string): string => (/[;#"'\s\\]/.test(path) ? JSON.stringify(path) : path)

const isLocal = (address: InterfaceAddress): boolean =>
  address.interface === 'lo' || address.address.startsWith('fe80:') || address.address.startsWith('127.')

const isEndpoint = (found: InitFindings, { address }: InterfaceAddress): boolean =>
  found.endpoints.addresses.includes(canonical(address))

const moves = (found: InitFindings, address: InterfaceAddress): boolean =>
  !isLocal(address) && address.address !== found.source.host && isEndpoint(found, address)

/** What the operator must fix before these settings are usable. */
const notes = (found: InitFindings): readonly string[] => [
  ...found.endpoints.untold,
  ...found.sourceAddresses
    .filter((address) => address.interface === 'lo' && isEndpoint(found, address))
    .map(({ address }) => `${address} is on lo of the source and cannot move from there: put it on an interface first`),
]

const addressesText = (found: InitFindings): string => {
  const moving = found.sourceAddresses.filter((address) => moves(found, address))
  const open = notes(found)
  const head = [
    '; Addresses that move to the target at the cutover: clients reach endpoints, databases and queues by them.',
    ...open.map((note) => `; LOOK: ${note}.`.replaceAll(/[\r\n]+/g, ' ')),
    '',
  ].join('\n')
  const example = '; [address api]\n; address = 10.0.0.10/24\n; source_interface = eth0\n; target_interface = eth0\n'
  if (moving.length === 0) {
    const none = `; No endpoint names an address of the source other than ${found.source.host}: fill this in.\n`
    const unknown = '; swapctl could not find out which addresses move: fill this in.\n'
    return `${head}${open.length === 0 ? none : unknown}${example}`
  }
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

const counterpartsText = (found: InitFindings): string => {
  const staying = found.sourceAddresses.filter(
    (address) => !isLocal(address) && !moves(found, address) && address.address !== found.source.host,
  )
  const head = '; Addresses that stay on the source, and the target addresses that replace them (storage portals).\n'
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

/** The target's address in the same network, by the source's prefix. */
const likeliest = (found: InitFindings, address: InterfaceAddress): InterfaceAddress | undefined =>
  found.targetAddresses.find((other) => !isLocal(other) && isNear(address, other.address))

/** A single IPv6 address (/128) is assumed to be in a /64 (RFC 4291). */
const isNear = ({ address, prefix }: InterfaceAddress, other: string): boolean =>
  inNetwork(address, isIPv6(address) && prefix === 128 ? 64 : prefix, other)
