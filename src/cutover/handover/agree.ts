import { askLinks, type NetworkLink } from '../../ask/addresses.ts'
import { type Silent, silentText } from '../../ask/beside.ts'
import type { Config } from '../../config.ts'
import type { Context } from '../../context.ts'
import { nothing, type Step } from '../../engine/step.ts'
import { SwapError } from '../../errors.ts'
import type { HostName } from '../../hosts/host.ts'
import { announceAction } from './announce.ts'
import { askGateways, askGatewaysFrom, type Gateway, type Heard } from './gateways.ts'
import { placeOnTarget } from './move.ts'
import { askNeighbours, computesOf, type Neighbour } from './neighbours.ts'
import { askSenders, type Sender } from './senders.ts'

/** The observations of one round, for one moving address. */
export interface Round {
  readonly address: string
  readonly neighbours: readonly Neighbour[]
  readonly gateways: readonly Heard[]
  /** whose packets for the address the source still received */
  readonly senders: readonly Sender[]
}

export interface Verdict {
  /** machines that send to the source, or may: they are told again */
  readonly wrong: readonly { readonly who: string; readonly says: string; readonly sure: boolean }[]
  readonly said: readonly string[]
}

/**
 * Which machines send packets for an address where. A router that answers, but not to this address, is certainly wrong
 * only when the source receives its packets: it may also filter.
 */
export const verdictOf = (round: Round, source: readonly NetworkLink[], target: readonly NetworkLink[]): Verdict => {
  const { address, neighbours, gateways, senders } = round
  const has = (links: readonly NetworkLink[], mac: string) => links.some((link) => link.mac === mac)
  const wrong = neighbours
    .filter(({ mac }) => has(source, mac))
    .map(({ host, mac }) => ({ who: host, says: `sends traffic for ${address} to ${mac}, the source`, sure: true }))
  const right = neighbours
    .filter(({ mac }) => !has(source, mac))
    .map(
      ({ host, mac }) =>
        `${host} sends traffic for ${address} to ${has(target, mac) ? 'the target' : `${mac} (a router?)`}`,
    )
  const late = gateways.filter(({ answered, answersAtAll }) => !answered && answersAtAll)
  const heard = (gateway: string) => senders.some(({ ip }) => ip === gateway)
  const others = senders.filter(({ ip }) => !late.some(({ gateway }) => gateway === ip))
  return {
    wrong: [
      ...wrong,
      ...late.map(({ gateway }) => ({
        who: `router ${gateway}`,
        says: heard(gateway)
          ? `sends traffic for ${address} to the source`
          : `answers pings from the target, but not from ${address}`,
        sure: heard(gateway),
      })),
      ...others.map(({ from }) => ({ who: from, says: `sends traffic for ${address} to the source`, sure: false })),
    ],
    said: [
      ...right,
      ...gateways
        .filter((it) => it.answered)
        .map(({ gateway }) => `router ${gateway} sends traffic for ${address} to the target`),
      ...gateways
        .filter((it) => !it.answersAtAll)
        .map(
          ({ gateway }) =>
            `router ${gateway} does not answer pings: it was sent the announcement of ${address}, but not checked`,
        ),
    ],
  }
}

/** Seconds within which every machine has to send to the target. */
const bound = 10

/** Minimum number of announcements, for machines that cannot be asked: a switch or kernel may miss the first. */
const least = 4

/**
 * Announces the addresses, asks which machine sends where, and repeats until all agree. Runs in parallel with the steps
 * that wait for the computes, so it costs no time. An interrupted run starts again.
 */
export const announceStep = (context: Context, after: readonly string[]): Step => {
  const rounds = announcedUntil(context)
  return {
    id: 'cutover/announce',
    phase: 'cutover',
    title: `Announce the addresses until computes and routers send their traffic to the target, at most ${bound} s`,
    after,
    changes: ['target'],
    run: async () => [announceAction('target', context.config.addresses.map(placeOnTarget), 1, 0)],
    undo: nothing,
    again: (turn, progress) => rounds.again(turn, progress),
    proof: async (_, left) => rounds.says(left),
  }
}

/** What stays the same over all rounds. */
interface Setting {
  readonly began: number
  readonly source: readonly NetworkLink[]
  readonly target: readonly NetworkLink[]
  readonly routers: readonly Gateway[]
}

const askSetting = async ({ config, hosts }: Context): Promise<Setting> => {
  const [source, target] = await Promise.all([askLinks(hosts('source')), askLinks(hosts('target'))])
  const routers = await askGateways(hosts('source'), hosts('target'), config.addresses)
  return { began: Date.now(), source, target, routers }
}

/** The results of the announcements so far. */
interface Seen {
  readonly wrong: Verdict['wrong']
  readonly said: readonly string[]
  readonly passed: number
  readonly rounds: number
  readonly silent: readonly Silent[]
}

const askSeen = async (context: Context, setting: Setting, rounds: number): Promise<Seen> => {
  const { began, source, target, routers } = setting
  const { rounds: heard, silent } = await askRound(context, target, routers)
  const verdicts = heard.map((one) => verdictOf(one, source, target))
  return {
    wrong: verdicts.flatMap((one) => one.wrong),
    said: verdicts.flatMap((one) => one.said),
    passed: (Date.now() - began) / 1000,
    rounds,
    silent,
  }
}

const announcedUntil = (context: Context) => {
  let setting: Setting
  let seen: Seen
  return {
    again: async (turn: number, progress?: (text: string) => void): Promise<boolean> => {
      if (turn === 1) setting = await askSetting(context)
      seen = await askSeen(context, setting, turn)
      const { wrong, passed } = seen
      if (passed >= bound || (wrong.length === 0 && turn >= least)) return false
      if (wrong.length > 0) progress?.(wrong.map(({ who, says }) => `${who} ${says}`).join('; '))
      return true
    },
    says: (left?: (text: string) => void): string => {
      for (const one of seen.silent) left?.(unaskedText(one, context.config))
      return settle(seen)
    },
  }
}

const unaskedText = (one: Silent, { addresses }: Pick<Config, 'addresses'>): string =>
  `${silentText(one)}: once it is back, check there that ip neigh shows the target's MAC for ${addresses.map(({ address }) => address).join(', ')}; if not, run ip neigh flush to each`

const settle = ({ wrong, said, passed, rounds }: Seen): string => {
  const sure = wrong.filter((one) => one.sure)
  if (sure.length > 0)
    throw new SwapError(
      sure.map(({ who }) => who).join(', '),
      `after ${passed.toFixed(0)} s and ${rounds} announcements: ${sure.map(({ who, says }) => `${who} ${says}`).join('; ')}`,
      'On that machine, run ip neigh flush to the address (on a router: clear its ARP or neighbour entry), then run the same command again',
    )
  return [
    said.length === 0 ? 'no compute or router shares a network with the addresses' : said.join('; '),
    ...wrong.map(({ who, says }) => `${who} ${says}, after ${passed.toFixed(0)} s: clear its entry by hand`),
  ].join('; ')
}

/** Asks all machines in parallel, while the source listens for packets sent to it. */
const askRound = async (
  { config, hosts }: Context,
  target: readonly NetworkLink[],
  routers: readonly Gateway[],
): Promise<{ readonly rounds: readonly Round[]; readonly silent: readonly Silent[] }> => {
  const names: readonly HostName[] = [...computesOf(config), 'local']
  const [neighbours, gateways, senders] = await Promise.all([
    Promise.all(config.addresses.map(({ address }) => askNeighbours(hosts, names, address))),
    askGatewaysFrom(hosts('target'), target, routers, config.addresses),
    askSenders(hosts('source'), config.addresses, 0.7),
  ])
  const rounds = config.addresses.map(({ address }, index) => ({
    address,
    neighbours: neighbours[index]?.found ?? [],
    gateways: gateways.filter((it) => it.address === address),
    senders: senders.filter((it) => it.address === address),
  }))
  return { rounds, silent: neighbours[0]?.silent ?? [] }
}
