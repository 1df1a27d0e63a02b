import type { Listener } from '../ask/facts.ts'
import type { Config } from '../config.ts'

const everywhere = new Set(['*', '0.0.0.0', '::', 'localhost'])

/**
 * The listen address of a server on the target, from that of the source's server: wildcards, loopback and moving
 * addresses stay, the source's own become their counterparts. Undefined when there is no counterpart.
 */
export const listenAddress = (
  config: Pick<Config, 'addresses' | 'counterparts'>,
  address: string,
): string | undefined => {
  if (everywhere.has(address) || address.startsWith('127.') || address === '::1') return address
  if (config.addresses.some((moving) => moving.address === address)) return address
  return config.counterparts.find((pair) => pair.source === address)?.target
}

/**
 * The source's listen addresses at a port, mapped to the target; those without a counterpart are left out (a check
 * names them).
 */
export const listenAddresses = (
  config: Pick<Config, 'addresses' | 'counterparts'>,
  listeners: readonly Listener[],
  port: number,
): readonly string[] => [
  ...new Set(listeners.filter((one) => one.port === port).flatMap((one) => listenAddress(config, one.address) ?? [])),
]
