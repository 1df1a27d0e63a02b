import type { Config } from '../config.ts'
import { SwapError } from '../errors.ts'
import type { Host, HostName, Hosts } from './host.ts'
import { localHost } from './local.ts'
import { sshHost } from './ssh.ts'

export type OpenHosts = Hosts & { close(): Promise<void> }

/** The machines of the settings by their names. Each is connected when it is first used, and once for everybody. */
export const openHosts = (config: Pick<Config, 'source' | 'target' | 'computes' | 'file'>): OpenHosts => {
  const hosts = new Map<HostName, Host>([
    ['local', localHost()],
    ['source', sshHost(config.source, 'source')],
    ['target', sshHost(config.target, 'target')],
    ...config.computes.map((machine): [HostName, Host] => {
      const name: HostName = `compute:${machine.name}`
      return [name, sshHost(machine, name)]
    }),
  ])
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
