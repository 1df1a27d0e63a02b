import { BlockList, isIPv6 } from 'node:net'
import { membersIn } from '../ask/members.ts'
import type { Config } from '../config.ts'
import type { Survey } from '../survey.ts'
import { canonical } from '../text/canonical.ts'
import type { NewAddress } from './changes.ts'
import { waysIn } from './where.ts'

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')

const sameNetwork = (one: string, prefix: number, other: string): boolean => {
  if (familyOf(one) !== familyOf(other)) return false
  const network = new BlockList()
  network.addSubnet(one, prefix, familyOf(one))
  return network.check(other, familyOf(other))
}

/**
 * The target's own address in the place of an own address of the source: its counterpart in the settings, else the
 * target's address in the same network. undefined: there is none, and none is guessed.
 */
export const newAddressOf = (config: Config, survey: Survey): NewAddress => {
  const { target } = waysIn(config, survey)
  const pairs = new Map(config.counterparts.map((pair) => [canonical(pair.source), canonical(pair.target)]))
  const own = membersIn(survey, config).flatMap(({ side }) => side.addresses)
  return (address) => {
    const prefix = own.find((one) => canonical(one.address) === canonical(address))?.prefix
    const beside = prefix === undefined ? [] : [...target].filter((one) => sameNetwork(address, prefix, one))
    return pairs.get(canonical(address)) ?? (beside.length === 1 ? beside[0] : undefined)
  }
}
