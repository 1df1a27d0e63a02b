import type { Config } from '../config.ts'
import { SwapError } from '../errors.ts'
import { limitsOf } from '../limits.ts'
import type { Host, HostName, Hosts } from './host.ts'
import { localHost } from './local.ts'
import { membersOf, reached } from './sides.ts'
import { sshHost } from './ssh.ts'

export type OpenHosts = Hosts & { close(): Promise<void> }

/** The same host with a default limit for `run`. */
const patient = (host: Host, limit: number): Host => ({ ...host, run: (command) => host.run({ limit, ...command }) })

/**
 * The machines of the settings by name, and the first of each side by the name of the side. Each is connected on first
 * use, and the connection is shared.
 */
export const openHosts = (config: Pick<Config, 'source' | 'target' | 'computes' | 'file' | 'limits'>): OpenHosts => {
  const { question } = limitsOf(config)
  const hosts = new Map<HostName, Host>([
    ['local', localHost()],
    ...reached(config).map(({ name, machine }): [HostName, Host] => [name, patient(sshHost(machine, name), question)]),
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
  }
  return Object.assign(find, { close })
}
