import { request } from '../api/request.ts'
import { askLinks, holdingOf, linkOf } from '../ask/addresses.ts'
import { block, type Check, type Message } from '../ask/check.ts'
import { unitStates } from '../ask/facts.ts'
import { ask } from '../ask/question.ts'
import { sourceUnits } from '../ask/units.ts'
import type { Context } from '../context.ts'
import { askEndpoints } from '../cutover/handover/endpoints.ts'
import { fenceOf } from '../cutover/handover/fence.ts'
import { askStands } from '../cutover/handover/fence-proof.ts'
import { askStrangers } from '../cutover/keepers/holders.ts'
import { staleImports } from '../cutover/outage/freshness.ts'
import { SwapError } from '../errors.ts'
import type { SideMachine } from '../hosts/host.ts'
import { membersOf } from '../hosts/sides.ts'

/** On the source's interface, on the target's loopback, and no other machine answers for it. */
const placeFindings = async ({ config, hosts }: Context): Promise<readonly Message[]> => {
  const [source, target] = await Promise.all([askLinks(hosts('source')), askLinks(hosts('target'))])
  const found = await Promise.all(
    config.addresses.map(async (moving) => {
      const { address, name, sourceInterface, targetInterface } = moving
      const held = holdingOf(source, address).interface?.name
      if (held !== sourceInterface)
        return block(`source: ${address} is not on ${sourceInterface}`, 'See swapctl status')
      if (linkOf(target, targetInterface) === undefined)
        return block(`target: no interface ${targetInterface}`, `Fix [address ${name}]`)
      if (!holdingOf(target, address).loopback)
        return block(`target: ${address} is not held on its loopback`, 'Run: swapctl revert, migrate')
      const strangers = await askStrangers(hosts, moving, source)
      return strangers.length === 0
        ? undefined
        : block(`${address} is also claimed by ${strangers.join(', ')}`, 'Remove it from that machine')
    }),
  )
  return found.filter((one) => one !== undefined)
}

/** An old service that is running, or would start at boot, would follow the address to the new queue. */
export const unitFindings = async (context: Context): Promise<readonly Message[]> =>
  (await Promise.all(membersOf(context.config, 'source').map((name) => unitsOn(context, name)))).flat()

const unitsOn = async ({ hosts, recipes }: Context, name: SideMachine): Promise<readonly Message[]> => {
  const names = sourceUnits(recipes).map((unit) => `${unit}.service`)
  if (names.length === 0) return []
  const units = (await ask(hosts(name), unitStates(names))).filter((unit) => unit.load !== 'not-found')
  const running = units.filter((unit) => !['inactive', 'failed'].includes(unit.active))
  // masked-runtime does not survive a boot.
  const waking = units.filter((unit) => unit.file !== 'masked')
  return [
    ...(running.length === 0
      ? []
      : [block(`${name}: running again: ${running.map((it) => it.unit).join(', ')}`, stopRemedy)]),
    ...(waking.length === 0
      ? []
      : [block(`${name}: would start at boot: ${waking.map((it) => it.unit).join(', ')}`, maskRemedy)]),
  ]
}

const stopRemedy = 'Stop and mask them: their data has already been copied, and what they write now is lost'
const maskRemedy = 'systemctl mask them on the source (swapctl revert unmasks what migrate masked)'

/** Each API in the catalog, called on the target itself at the address that is about to move. */
export const answerFindings = async (context: Context): Promise<readonly Message[]> => {
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

const fenceFindings = async (context: Context): Promise<readonly Message[]> => {
  const names = [...membersOf(context.config, 'source'), 'target'] as const
  const stand = await Promise.all(names.map((name) => askStands(context.hosts(name), fenceOf(context, name))))
  return names
    .filter((_, index) => stand[index] === false)
    .map((name) =>
      block(
        `${name}: the fence is down`,
        'Was the machine rebooted? swapctl migrate and swapctl cutover raise it again',
      ),
    )
}

/** Everything, besides the address checks, that must be true right before the addresses move. Reads only. */
export const cutoverChecks: readonly Check[] = [
  {
    id: 'cutover/freshness',
    level: 'block',
    title: 'All data was copied after the freeze',
    source: 'mariadb-dump(1), --single-transaction: a dump holds the state at its start',
    why: 'Data read while services were writing would be incomplete.',
    remedy: 'Run swapctl revert, then migrate.',
    before: ['cutover'],
    ask: async ({ entries = [] }) => staleImports(entries),
  },
  {
    id: 'cutover/place',
    level: 'block',
    title: 'Each address is where migrate left it',
    source: 'RFC 5227: an address belongs to one machine',
    why: 'The cutover would move an address that another machine holds.',
    remedy: 'Check swapctl status; fix what the finding names.',
    before: ['cutover'],
    ask: placeFindings,
  },
  {
    id: 'cutover/units',
    level: 'block',
    title: 'No service of the old controller runs or starts at boot',
    source:
      'https://docs.openstack.org/oslo.messaging/latest/reference/server.html: every server of a topic takes its share of the messages',
    why: 'It would take messages from the new queue, and its writes would be lost.',
    remedy: 'Stop and mask the units on the source.',
    before: ['cutover'],
    ask: unitFindings,
  },
  {
    id: 'cutover/answers',
    level: 'block',
    title: 'Each API of the catalog answers on the target',
    source: 'https://docs.openstack.org/keystone/latest/contributor/service-catalog.html',
    why: 'Users would find a dead API after the cutover.',
    remedy: "Read the service's log on the target and repair it.",
    before: ['cutover'],
    ask: answerFindings,
  },
  {
    id: 'cutover/fence',
    level: 'block',
    title: 'The fence between the two controllers is up',
    source: 'nova/objects/cell_mapping.py: rows hold whole URLs of databases and queues',
    why: 'The target could write to the old databases and queues.',
    remedy: 'Run swapctl revert, then migrate.',
    before: ['cutover'],
    ask: fenceFindings,
  },
]
