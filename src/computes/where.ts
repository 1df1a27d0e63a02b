import { isIP } from 'node:net'
import { askLinks } from '../ask/addresses.ts'
import { membersIn } from '../ask/members.ts'
import type { Config } from '../config.ts'
import type { Hosts, SideMachine, SideName } from '../hosts/host.ts'
import { membersOf } from '../hosts/sides.ts'
import type { Survey } from '../survey.ts'
import { canonical } from '../text/canonical.ts'

/** Where a connection leads; the worst one first. */
export const directions = ['stays behind', 'follows the address', 'leads to the target', 'elsewhere'] as const
export type Direction = (typeof directions)[number]

/** Addresses by what the cutover does with them. */
export interface Ways {
  readonly moving: ReadonlySet<string>
  /** of the source: whoever uses one keeps talking to the old controller after the cutover */
  readonly staying: ReadonlySet<string>
  readonly target: ReadonlySet<string>
}

const local = /^(127\.|::1$|fe80:)/

type Own = Readonly<Record<SideName, readonly string[]>>

const waysOf = ({ addresses, source, target }: Pick<Config, 'addresses' | 'source' | 'target'>, own: Own): Ways => {
  const moving = new Set(addresses.map(({ address }) => canonical(address)))
  const fixed = (all: readonly string[]) =>
    new Set(all.map(canonical).filter((one) => isIP(one) !== 0 && !moving.has(one) && !local.test(one)))
  const staying = fixed([...source.machines.map(({ host }) => host), ...own.source])
  const there = fixed([...target.machines.map(({ host }) => host), ...own.target])
  return { moving, staying, target: new Set([...there].filter((one) => !staying.has(one))) }
}

/** By the survey, which was made before anything moved. */
export const waysIn = (config: Config, survey: Survey): Ways =>
  waysOf(config, {
    source: membersIn(survey, config).flatMap(({ side }) => side.addresses.map(({ address }) => address)),
    target: survey.target.addresses.map(({ address }) => address),
  })

/**
 * The machine of the source that has these addresses, if it has all of that machine's own: a controller that is named as a
 * compute, too. Some addresses may be everywhere (bridges of libvirt and docker).
 */
export const memberAt = (
  config: Pick<Config, 'addresses' | SideName>,
  survey: Survey,
  addresses: ReadonlySet<string>,
): SideMachine | undefined => {
  const moving = config.addresses.map(({ address }) => canonical(address))
  return membersIn(survey, config).find(({ side }) => {
    const own = side.addresses.map(({ address }) => canonical(address))
    const fixed = own.filter((one) => !moving.includes(one) && !local.test(one))
    return fixed.length > 0 && fixed.every((one) => addresses.has(one))
  })?.name
}

/** By the machines themselves, where there is no survey yet. */
export const askWays = async (config: Config, hosts: Hosts): Promise<Ways> => {
  const own = async (side: SideName): Promise<readonly string[]> => {
    const links = await Promise.all(membersOf(config, side).map((name) => askLinks(hosts(name))))
    return links.flat().flatMap(({ addresses }) => addresses.map(({ address }) => address))
  }
  const [source, target] = await Promise.all([own('source'), own('target')])
  return waysOf(config, { source, target })
}

/**
 * Where these addresses of one name lead: the worst of them counts. `own`: the compute's addresses, which may be the
 * source's too where a program gives every machine the same (bridges of libvirt and docker).
 */
export const directionOf = (addresses: readonly string[], own: ReadonlySet<string>, ways: Ways): Direction => {
  const all = addresses.map(canonical).filter((one) => !own.has(one) && !local.test(one))
  const some = (set: ReadonlySet<string>): boolean => all.some((one) => set.has(one))
  if (some(ways.staying)) return 'stays behind'
  if (some(ways.moving)) return 'follows the address'
  return some(ways.target) ? 'leads to the target' : 'elsewhere'
}
