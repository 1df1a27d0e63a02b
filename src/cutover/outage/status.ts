import { askLinks, type Holding, holdingOf, type NetworkLink } from '../../ask/addresses.ts'
import type { Config, MovingAddress } from '../../config.ts'
import { SwapError } from '../../errors.ts'
import type { Hosts } from '../../hosts/host.ts'

/** Where a moving address is, for `swapctl status`. */
export interface AddressStatus {
  readonly name: string
  readonly address: string
  readonly source: 'interface' | 'loopback' | 'absent' | 'unknown'
  readonly target: 'interface' | 'loopback' | 'absent' | 'unknown'
  /** 'on eth0 of the source; held unannounced by the target' */
  readonly says: string
}

const stateOf = (holding: Holding | undefined): AddressStatus['source'] => {
  if (holding === undefined) return 'unknown'
  if (holding.interface !== undefined) return 'interface'
  return holding.loopback ? 'loopback' : 'absent'
}

/** A side's interfaces, or why it could not be asked. */
type Told = readonly NetworkLink[] | string

/** Says for each state of the two sides where an address is. */
export const placeOf = (moving: Pick<MovingAddress, 'name' | 'address'>, source: Told, target: Told): AddressStatus => {
  const on = (side: string, links: Told): string => {
    if (typeof links === 'string') return `${side}: cannot be asked: ${links}`
    const holding = holdingOf(links, moving.address)
    const parts = [
      holding.interface === undefined ? undefined : `on ${holding.interface.name}`,
      holding.loopback ? 'unannounced on the loopback' : undefined,
    ].filter((part) => part !== undefined)
    return `${side}: ${parts.join(' and ') || 'not there'}`
  }
  const state = (links: Told) => stateOf(typeof links === 'string' ? undefined : holdingOf(links, moving.address))
  const both = state(source) === 'interface' && state(target) === 'interface'
  return {
    name: moving.name,
    address: moving.address,
    source: state(source),
    target: state(target),
    says: `${on('source', source)}; ${on('target', target)}${both ? '; BOTH hold it' : ''}`,
  }
}

/** Asks both sides; when one cannot be asked the reason is reported, because status is used when something is wrong. */
export const whereAreAddresses = async (
  hosts: Hosts,
  config: Pick<Config, 'addresses'>,
): Promise<readonly AddressStatus[]> => {
  const [source, target] = await Promise.all([askOrNot(hosts, 'source'), askOrNot(hosts, 'target')])
  return config.addresses.map((moving) => placeOf(moving, source, target))
}

const askOrNot = async (hosts: Hosts, side: 'source' | 'target'): Promise<Told> => {
  try {
    return await askLinks(hosts(side))
  } catch (error) {
    if (error instanceof SwapError) return error.message.split('\n')[0] ?? ''
    throw error
  }
}
