import type { Listener } from '../ask/facts.ts'
import type { Config } from '../config.ts'

const everywhere = new Set(['*', '0.0.0.0', '::', 'localhost'])

/**
 * The address a server of the target has to listen at, for one the source's server listens at: wildcards, loopback and
 * addresses that move stay as they are, the source's own become their counterparts. Undefined when nothing is known of it.
 */
export const listenAddress = (
  config: Pick<Config, 'addresses' | 'counterparts'>,
  address: string,
): string | undefined => {
  if (everywhere.has(address) || address.startsWith('127.') || address === '::1') return address
  if (config.addresses.some((moving) => moving.address === address)) return address
  return config.counterparts.find((pair) => pair.source === address)?.target
}

/** The addresses of the source's listeners at a port, mapped for the target; unknown ones are left out (a check names them). */
export const listenAddresses = (
  config: Pick<Config, 'addresses' | 'counterparts'>,
  listeners: readonly Listener[],
  port: number,
): readonly string[] => [
  ...new Set(listeners.filter((one) => one.port === port).flatMap((one) => listenAddress(config, one.address) ?? [])),
]
