import type { Config } from '../config.ts'
import { SwapError } from '../errors.ts'
import { limitsOf } from '../limits.ts'
import { type Host, type HostName, type Hosts, isSide } from './host.ts'
import { localHost } from './local.ts'
import { membersOf, reached, sectionOf } from './sides.ts'
import { openReach, type Reach, sshHost } from './ssh.ts'

export interface OpenHosts extends Hosts {
  /**
   * Asks the operator now for every passphrase and password that may be wanted: later nobody sees a question, and in the
   * middle of a cutover nobody waits for an answer. Throws SwapError (exit 2) when the key of a side does not open; what
   * a machine is refused for, a key that is not there, and a compute's that does not open, is told when it is used.
   */
  askPasswords(): Promise<void>
  close(): Promise<void>
}

const refuseOn =
  (name: HostName) =>
  (error: unknown): void => {
    if (isSide(name) && error instanceof SwapError && error.final) throw error
  }

/** The same host with a default limit for `run`. */
const patient = (host: Host, limit: number): Host => ({ ...host, run: (command) => host.run({ limit, ...command }) })

/**
 * The machines of the settings by name, and the first of each side by the name of the side. Each is connected on first
 * use, and the connection is shared.
 */
export const openHosts = (
  config: Pick<Config, 'source' | 'target' | 'computes' | 'file' | 'limits'>,
  reach: Reach = openReach(),
): OpenHosts => {
  const { asked, keys, jumps } = reach
  const { question } = limitsOf(config)
  const hosts = new Map<HostName, Host>([
    ['local', localHost()],
    ...reached(config).map(({ name, machine }): [HostName, Host] => [
      name,
      patient(sshHost(machine, name, reach), question),
    ]),
  ])
  for (const side of ['source', 'target'] as const)
    hosts.set(side, hosts.get(membersOf(config, side)[0] as HostName) as Host)
  const find = (name: HostName): Host => {
    const host = hosts.get(name)
    if (host === undefined)
      throw new SwapError(name, `no such machine in ${config.file}`, `Add its section to ${config.file}.`)
    return host
  }
  const close = async () => {
    await Promise.all([...hosts.values()].map((host) => host.close()))
    jumps.close()
  }
  const askPasswords = async () => {
    // One after the other: nothing is printed while a question is open.
    for (const { name, machine } of reached(config)) {
      for (const hop of machine.jump ?? []) await keys.of(hop, `jump ${hop.name}`).catch(refuseOn(name))
      await keys.of(machine, sectionOf(name)).catch(refuseOn(name))
    }
    const open = reached(config).filter(({ machine }) => machine.become !== undefined && !machine.become.passwordFile)
    if (asked.there()) await Promise.allSettled(open.map(({ name }) => find(name).run({ argv: ['true'], limit: 30 })))
    asked.leave()
  }
  return Object.assign(find, { askPasswords, close })
}
