import { writeFile } from 'node:fs/promises'
import { askAddresses, hostname } from '../ask/facts.ts'
import { askPeers, type Peer, peersOf } from '../ask/peers.ts'
import { ask } from '../ask/question.ts'
import type { Config, Machine } from '../config.ts'
import { SwapError } from '../errors.ts'
import { fetchHostKey } from '../hosts/hostkey.ts'
import { openHosts } from '../hosts/hosts.ts'
import { openReach, type Reach } from '../hosts/ssh.ts'
import { placeOf } from '../settings/machine.ts'
import { askEndpointAddresses } from './init-endpoints.ts'
import { askSays } from './init-jumps.ts'
import { hostsIn, type InitOptions, machinesIn, type Named } from './init-options.ts'
import { type FoundPeer, type InitFindings, settingsText } from './init-text.ts'

/** Asks the hosts for their keys and addresses, and writes a settings file for the operator to review. */
export const init = async (options: InitOptions): Promise<void> => {
  const named = machinesIn(options, await askSays(hostsIn(options), options.sshConfig))
  const reach = openReach()
  // A key that does not open is told before any machine hears of it.
  for (const { jump, ...machine } of [named.source, named.target])
    await reach.keys.of({ ...machine, hostKey: '' }, machine.name)
  const withHostKey = hostKeys(reach)
  const source = await withHostKey(named.source)
  const target = await withHostKey(named.target)
  const computes = await Promise.all(named.computes.map(withHostKey))
  const hosts = openHosts(emptyConfig(options, source, target, computes), reach)
  try {
    const sourceAddresses = await askAddresses(hosts('source'))
    const targetAddresses = await askAddresses(hosts('target'))
    const own = await ask(hosts('source'), hostname)
    const known = [own, own.split('.')[0] ?? '', source.host, target.host, ...computes.map(({ host }) => host)]
    const told = await askPeers(hosts('source'))
    const peers = peersOf(told, [...known, ...[...sourceAddresses, ...targetAddresses].map(({ address }) => address)])
    const found: InitFindings = {
      release: options.release,
      source: { ...source, name: own.split('.')[0] || source.name },
      target,
      computes,
      sourceAddresses,
      targetAddresses,
      endpoints: await askEndpointAddresses(hosts('source')),
      peers: await Promise.all(peers.map((peer) => reachedBy(peer, source, reach))),
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
const reachedBy = async (peer: Peer, source: Machine, { jumps }: Reach): Promise<FoundPeer> => {
  try {
    const machine = { ...source, name: peer.name, host: peer.host }
    const hostKey = await fetchHostKey(machine.host, machine.port, jumps.to(machine))
    return { ...peer, machine: { ...machine, hostKey } }
  } catch (error) {
    if (error instanceof SwapError) return peer
    throw error
  }
}

/**
 * Gives a machine and its jump hosts their host keys. Each jump host is asked once, through those before it; two ways to
 * the same one have one name for it.
 */
const hostKeys = ({ jumps }: Reach): ((named: Named) => Promise<Machine>) => {
  const known = new Map<string, Promise<Machine>>()
  const asked = async ({ jump: _, ...named }: Named, before: readonly Machine[]): Promise<Machine> => {
    const machine = { ...named, hostKey: '', ...(before.length === 0 ? {} : { jump: before }) }
    return { ...machine, hostKey: await fetchHostKey(machine.host, machine.port, jumps.to(machine)) }
  }
  const hop = (named: Named, before: readonly Machine[]): Promise<Machine> => {
    const id = placeOf(named)
    const found = known.get(id) ?? asked(named, before)
    known.set(id, found)
    return found
  }
  return async (named) => {
    const passed: Machine[] = []
    for (const one of named.jump ?? []) {
      const { jump: _, ...machine } = await hop(one, passed)
      passed.push(machine)
    }
    return asked(named, passed)
  }
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
