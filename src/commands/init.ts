import { access, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { askAddresses, hostname } from '../ask/facts.ts'
import { ask } from '../ask/question.ts'
import type { Become, Config, Machine } from '../config.ts'
import { refuse, SwapError } from '../errors.ts'
import { fetchHostKey } from '../hosts/hostkey.ts'
import { openHosts } from '../hosts/hosts.ts'
import { notPrivate } from '../hosts/password.ts'
import { expand } from '../settings/values.ts'
import { askEndpointAddresses } from './init-endpoints.ts'
import { askPeers, type Peer, peersOf } from './init-members.ts'
import { type FoundPeer, type InitFindings, settingsText } from './init-text.ts'
import { parsePlace } from './place.ts'
import type { Options } from './session.ts'

export interface InitOptions extends Options {
  readonly source: string
  readonly target: string
  /** 'cmp1=root@10.0.0.13' */
  readonly compute: readonly string[]
  readonly release: string
  readonly key: string
  /** for every machine whose user is not root */
  readonly become?: string
  readonly becomePasswordFile?: string
}

/** Asks the hosts for their keys and addresses, and writes a settings file for the operator to review. */
export const init = async (options: InitOptions): Promise<void> => {
  if (options.dryRun !== true) await refuseExisting(options.config)
  const become = becomeOf(options)
  const source = await machineAt('source', options.source, options.key, become)
  const target = await machineAt('target', options.target, options.key, become)
  const computes = await Promise.all(options.compute.map((text) => computeAt(text, options.key, become)))
  const hosts = openHosts(emptyConfig(options, source, target, computes))
  try {
    const sourceAddresses = await askAddresses(hosts('source'))
    const targetAddresses = await askAddresses(hosts('target'))
    const own = await ask(hosts('source'), hostname)
    const named = [own, own.split('.')[0] ?? '', source.host, target.host, ...computes.map(({ host }) => host)]
    const told = await askPeers(hosts('source'))
    const peers = peersOf(told, [...named, ...[...sourceAddresses, ...targetAddresses].map(({ address }) => address)])
    const found: InitFindings = {
      release: options.release,
      key: options.key,
      source: { ...source, name: own.split('.')[0] || source.name },
      target,
      computes,
      sourceAddresses,
      targetAddresses,
      endpoints: await askEndpointAddresses(hosts('source')),
      peers: await Promise.all(peers.map((peer) => reachedBy(peer, source))),
    }
    const text = settingsText(found)
    if (options.dryRun === true) process.stdout.write(text)
    else await writeFile(options.config, text, { mode: 0o600, flag: 'wx' })
  } finally {
    await hosts.close()
  }
  if (options.dryRun !== true)
    process.stdout.write(
      `Wrote ${options.config}. Compare its host keys with those of the machines, review it, then: swapctl prepare\n`,
    )
}

/**
 * Connects with the named machine's port, user and key. A peer that does not answer is reported; the file is written
 * anyway.
 */
const reachedBy = async (peer: Peer, source: Machine): Promise<FoundPeer> => {
  try {
    const hostKey = await fetchHostKey(peer.host, source.port)
    return { ...peer, machine: { ...source, name: peer.name, host: peer.host, hostKey } }
  } catch (error) {
    if (error instanceof SwapError) return peer
    throw error
  }
}

const refuseExisting = async (path: string): Promise<void> => {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (exists) throw refuse(path, 'already exists', 'Give another file with --config, or remove this one')
}

const becomeOf = ({ become, becomePasswordFile: path }: InitOptions): Become | undefined => {
  if (become !== undefined && become !== 'sudo')
    throw refuse('--become', `'${become}' is not sudo, the only way there is`, 'Example: --become sudo')
  if (path === undefined) return become === undefined ? undefined : {}
  if (become === undefined)
    throw refuse('--become-password-file', 'nothing asks for a password without --become', 'Add --become sudo')
  const passwordFile = resolve(expand(path))
  const why = notPrivate(passwordFile)
  if (why !== undefined) throw refuse('--become-password-file', why, 'Make such a file, or leave it out to be asked')
  return { passwordFile }
}

const machineAt = async (name: string, text: string, key: string, become: Become | undefined): Promise<Machine> => {
  const at = parsePlace(text)
  if (at === undefined)
    throw refuse(
      `--${name}`,
      `'${text}' is not [USER@]HOST[:PORT]`,
      'Examples: root@10.0.0.11, root@10.0.0.11:2222 or root@[fd00::11]:2222',
    )
  return {
    name,
    ...at,
    key: key.replace(/^~/, process.env['HOME'] ?? '~'),
    hostKey: await fetchHostKey(at.host, at.port),
    ...(become === undefined || at.user === 'root' ? {} : { become }),
  }
}

const computeAt = async (text: string, key: string, become: Become | undefined): Promise<Machine> => {
  const [name = '', at = ''] = text.split('=')
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name))
    throw refuse('--compute', `'${text}' is not NAME=user@host`, 'Example: cmp1=root@10.0.0.13')
  return { ...(await machineAt('compute', at, key, become)), name }
}

const emptyConfig = (options: InitOptions, source: Machine, target: Machine, computes: readonly Machine[]): Config => ({
  file: options.config,
  name: 'init',
  state: '',
  release: options.release,
  source: { machines: [source], openrc: '/root/openrc' },
  target: { machines: [target] },
  addresses: [],
  counterparts: [],
  hops: [],
  computes,
  parallel: 1,
})
