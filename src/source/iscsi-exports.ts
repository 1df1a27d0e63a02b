import { isIP, isIPv6 } from 'node:net'
import { askMaybe, lines, type Question } from '../ask/question.ts'
import type { Host } from '../hosts/host.ts'

/** What a machine's tgt exports. */
export interface Exports {
  /** 'iqn.2010-10.org.openstack:volume-6f1d...' */
  readonly targets: readonly string[]
  /**
   * '10.30.0.11:3260'; '0.0.0.0:3260' and '[::]:3260' mean every address of the machine. undefined: tgt does not say
   */
  readonly portals: readonly string[] | undefined
}

/** Parses `tgtadm --op show --mode target`. */
export const parseTargets = (text: string): readonly string[] =>
  lines(text).flatMap((line) => /^Target \d+: (\S+)/.exec(line)?.[1] ?? [])

/** Parses `tgtadm --op show --mode portal`: 'Portal: 0.0.0.0:3260,1'. */
export const parsePortals = (text: string): readonly string[] =>
  lines(text).flatMap((line) => /^Portal: (\S+),\d+$/.exec(line.trim())?.[1] ?? [])

const shown = <T>(mode: string, parse: (text: string) => T): Question<T> => ({
  argv: ['tgtadm', '--lld', 'iscsi', '--mode', mode, '--op', 'show'],
  parse,
})

/** Empty when tgt is not running. */
export const askExports = async (host: Host): Promise<Exports> => ({
  targets: (await askMaybe(host, shown('target', parseTargets))) ?? [],
  portals: await askMaybe(host, shown('portal', parsePortals)),
})

/** Where cinder tells a client to attach a volume. */
export interface Location {
  /** '10.30.0.11:3260', '[fd00::11]:3260' */
  readonly portals: readonly string[]
  readonly target: string
}

/**
 * provider_location, 'IP:3260[;IP2:3260],TID IQN LUN' (cinder/volume/targets/iscsi.py); undefined in any other form.
 */
export const parseLocation = (text: string): Location | undefined => {
  const [, portals, target] = /^([^\s,]+)(?:,\S*)?\s((?:iqn|eui|naa)\.\S+)/.exec(text) ?? []
  return portals === undefined || target === undefined ? undefined : { portals: portals.split(';'), target }
}

/** Whether tgt listens at a portal; `addresses` are the machine's own. A host name counts as one of them. */
export const listensAt = (portal: string, portals: readonly string[], addresses: readonly string[]): boolean => {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(portal) ?? []
  const address = host.replaceAll(/^\[|\]$/g, '')
  const own = isIP(address) === 0 || addresses.includes(address)
  return portals.includes(portal) || (own && portals.includes(`${isIPv6(address) ? '[::]' : '0.0.0.0'}:${port}`))
}
