import { membersIn } from '../ask/members.ts'
import type { Config } from '../config.ts'
import type { Survey } from '../survey.ts'
import { canonical } from '../text/canonical.ts'
import { inNetwork } from '../text/ranges.ts'
import type { NewAddress } from './changes.ts'
import { waysIn } from './where.ts'

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
    const beside = prefix === undefined ? [] : [...target].filter((one) => inNetwork(address, prefix, one))
    return pairs.get(canonical(address)) ?? (beside.length === 1 ? beside[0] : undefined)
  }
}
