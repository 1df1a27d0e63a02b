import { request } from '../api.ts'
import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { block, type Check, type Said } from '../source/check.ts'
import { unitStates } from '../source/facts.ts'
import { ask } from '../source/question.ts'
import { sourceUnits } from '../source/units.ts'
import { askLinks, holdingOf, linkOf } from './addresses.ts'
import { askEndpoints } from './endpoints.ts'
import { askStopped } from './fence-proof.ts'
import { staleImports } from './freshness.ts'
import { askStrangers } from './holders.ts'

/** On the source's interface, on the target's loopback, and answered for by nobody else. */
const placeFindings = async ({ config, hosts }: Context): Promise<readonly Said[]> => {
  const [source, target] = await Promise.all([askLinks(hosts('source')), askLinks(hosts('target'))])
  const found = await Promise.all(
    config.addresses.map(async (moving) => {
      const { address, name, sourceInterface, targetInterface } = moving
      const held = holdingOf(source, address).interface?.name
      if (held !== sourceInterface)
        return block(`source: ${address} is not on ${sourceInterface}`, 'See swapctl status')
      if (linkOf(target, targetInterface) === undefined)
        return block(`target: no interface ${targetInterface}`, `Mend [address ${name}]`)
      if (!holdingOf(target, address).loopback)
        return block(`target: ${address} is not held on its loopback`, 'Run: swapctl revert, migrate')
      const strangers = await askStrangers(hosts, moving, source)
      return strangers.length === 0
        ? undefined
        : block(`${address} is also answered for by ${strangers.join(', ')}`, 'Take it from there')
    }),
  )
  return found.filter((one) => one !== undefined)
}

/** A service of the old controller that runs, or wakes at its next boot, would follow the address to the new queue. */
export const unitFindings = async ({ hosts, recipes }: Context): Promise<readonly Said[]> => {
  const names = sourceUnits(recipes).map((name) => `${name}.service`)
  if (names.length === 0) return []
  const units = (await ask(hosts('source'), unitStates(names))).filter((unit) => unit.load !== 'not-found')
  const running = units.filter((unit) => !['inactive', 'failed'].includes(unit.active))
  // masked-runtime is not enough: it is gone after a boot.
  const waking = units.filter((unit) => unit.file !== 'masked')
  return [
    ...(running.length === 0
      ? []
      : [block(`source: running again: ${running.map((it) => it.unit).join(', ')}`, stopRemedy)]),
    ...(waking.length === 0
      ? []
      : [block(`source: would start at boot: ${waking.map((it) => it.unit).join(', ')}`, maskRemedy)]),
  ]
}

const stopRemedy = 'Stop and mask them: their data has been carried away, and what they write now is lost'
const maskRemedy = 'systemctl mask them on the source (swapctl revert unmasks what migrate masked)'

/** Each API of the catalog, asked by the target of itself under the address that is about to move. */
export const answerFindings = async (context: Context): Promise<readonly Said[]> => {
  const target = context.hosts('target')
  const endpoints = await askEndpoints(context)
  const found = await Promise.all(
    endpoints.map(async ({ url }) => {
      const says = await request(target, url, { limit: 20 }).then(
        ({ status }) => (status > 0 && status < 500 ? undefined : `answers ${status}`),
        (error: unknown) => (error instanceof SwapError ? error.message : String(error)),
      )
      return says === undefined ? undefined : block(`target: ${url}: ${says}`, "Read the service's log")
    }),
  )
  return found.filter((one) => one !== undefined)
}

const fenceFindings = async ({ hosts }: Context): Promise<readonly Said[]> => {
  const names: readonly HostName[] = ['source', 'target']
  const counts = await Promise.all(names.map((name) => askStopped(hosts(name))))
  return names.flatMap((name, index) =>
    counts[index] === undefined
      ? [block(`${name}: the fence is down`, 'Was the machine booted? Put it up again: swapctl revert, migrate')]
      : [],
  )
}

/** Everything that must be true in the moment before the addresses move, besides the checks of addresses. Reads only. */
export const cutoverChecks: readonly Check[] = [
  {
    id: 'cutover/freshness',
    level: 'block',
    title: 'Everything was carried over after the freeze',
    source: 'known failure P109: data read while the services still wrote',
    before: ['cutover'],
    ask: async ({ entries = [] }) => staleImports(entries),
  },
  {
    id: 'cutover/place',
    level: 'block',
    title: 'Every address is where the migration left it',
    source: 'known failures P93, P96',
    before: ['cutover'],
    ask: placeFindings,
  },
  {
    id: 'cutover/units',
    level: 'block',
    title: 'No service of the old controller runs or wakes',
    source: 'known failures P91, P94: it would follow the address to the new queue',
    before: ['cutover'],
    ask: unitFindings,
  },
  {
    id: 'cutover/answers',
    level: 'block',
    title: 'Each API of the catalog answers on the target',
    source: 'known failures P96, P100',
    before: ['cutover'],
    ask: answerFindings,
  },
  {
    id: 'cutover/fence',
    level: 'block',
    title: 'The fence between the two controllers stands',
    source: 'known failures P37, P91: the target must not write to the old databases and queues',
    before: ['cutover'],
    ask: fenceFindings,
  },
]
