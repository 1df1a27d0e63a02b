import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { command } from '../hosts/command.ts'
import type { HostName } from '../hosts/host.ts'
import { askLinks, type Link } from './addresses.ts'
import { announceAction } from './announce.ts'
import { askGateways, askGatewaysFrom, type Gateway, type Heard } from './gateways.ts'
import { placeOnTarget } from './move.ts'
import { askNeighbours, computesOf, type Neighbour } from './neighbours.ts'
import { askSenders, type Sender } from './senders.ts'

/** What was seen in one round, for one moving address. */
export interface Round {
  readonly address: string
  readonly neighbours: readonly Neighbour[]
  readonly gateways: readonly Heard[]
  /** whose packets for the address the source still heard */
  readonly senders: readonly Sender[]
}

export interface Verdict {
  /** who sends to the source, or may: they are told again */
  readonly wrong: readonly { readonly who: string; readonly says: string; readonly sure: boolean }[]
  readonly said: readonly string[]
}

/**
 * Who sends an address where. A router that answers, but not to this address, is sure to be wrong only when the source
 * hears from it: it may also filter. Pure.
 */
export const verdictOf = (round: Round, source: readonly Link[], target: readonly Link[]): Verdict => {
  const { address, neighbours, gateways, senders } = round
  const has = (links: readonly Link[], mac: string) => links.some((link) => link.mac === mac)
  const wrong = neighbours
    .filter(({ mac }) => has(source, mac))
    .map(({ host, mac }) => ({ who: host, says: `sends ${address} to ${mac}, the source`, sure: true }))
  const right = neighbours
    .filter(({ mac }) => !has(source, mac))
    .map(({ host, mac }) => `${host} sends ${address} to ${has(target, mac) ? 'the target' : `${mac} (a router?)`}`)
  const late = gateways.filter(({ answered, answersAtAll }) => !answered && answersAtAll)
  const heard = (gateway: string) => senders.some(({ ip }) => ip === gateway)
  const others = senders.filter(({ ip }) => !late.some(({ gateway }) => gateway === ip))
  return {
    wrong: [
      ...wrong,
      ...late.map(({ gateway }) => ({
        who: `router ${gateway}`,
        says: heard(gateway) ? `sends ${address} to the source` : `answers the target, and ${address} not`,
        sure: heard(gateway),
      })),
      ...others.map(({ from }) => ({ who: from, says: `sends ${address} to the source`, sure: false })),
    ],
    said: [
      ...right,
      ...gateways.filter((it) => it.answered).map(({ gateway }) => `router ${gateway} sends ${address} to the target`),
      ...gateways
        .filter((it) => !it.answersAtAll)
        .map(({ gateway }) => `router ${gateway} answers no echo: it was told of ${address}, and not asked`),
    ],
  }
}

/** Seconds within which everybody has to send to the target. */
const bound = 10

/** Announced as often at least, for those whom nobody can ask: a switch or kernel may miss the first. */
const least = 4

/**
 * Runs beside the steps that wait for the computes, so that it costs no time: announces, asks who sends where, and goes
 * on until all agree.
 */
export const announceStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/announce',
  phase: 'cutover',
  title: `Announce the addresses until computes and routers send to the target, at most ${bound} s`,
  after,
  run: async () => [announcement(context.config)],
  undo: async () => [],
  proof: (progress) => untilAllAgree(context, progress),
})

const announcement = ({ addresses }: Pick<Config, 'addresses'>) =>
  announceAction('target', addresses.map(placeOnTarget), 1, 0)

const untilAllAgree = async (context: Context, progress?: (text: string) => void): Promise<string> => {
  const { config, hosts } = context
  const [source, target] = await Promise.all([askLinks(hosts('source')), askLinks(hosts('target'))])
  const routers = await askGateways(hosts('source'), hosts('target'), config.addresses)
  const began = Date.now()
  for (let rounds = 1; ; rounds += 1) {
    const seen = await askRound(context, target, routers)
    const verdicts = seen.map((one) => verdictOf(one, source, target))
    const wrong = verdicts.flatMap((one) => one.wrong)
    const passed = (Date.now() - began) / 1000
    if (passed >= bound || (wrong.length === 0 && rounds >= least))
      return settle(
        wrong,
        verdicts.flatMap((one) => one.said),
        passed,
        rounds,
      )
    if (wrong.length > 0) progress?.(wrong.map(({ who, says }) => `${who} ${says}`).join('; '))
    await hosts('target').run(command(announcement(config)))
  }
}

const settle = (wrong: Verdict['wrong'], said: readonly string[], passed: number, rounds: number): string => {
  const sure = wrong.filter((one) => one.sure)
  if (sure.length > 0)
    throw new SwapError(
      sure.map(({ who }) => who).join(', '),
      `after ${passed.toFixed(0)} s and ${rounds} announcements: ${sure.map(({ who, says }) => `${who} ${says}`).join('; ')}`,
      'There: ip neigh flush to the address (on a router: clear its ARP or neighbour entry), then run the same command again',
    )
  return [
    said.length === 0 ? 'no compute and no router shares a network with the addresses' : said.join('; '),
    ...wrong.map(({ who, says }) => `${who} ${says}, after ${passed.toFixed(0)} s: clear its entry by hand`),
  ].join('; ')
}

/** All are asked at once, while the source listens for those who send to it. */
const askRound = async (
  { config, hosts }: Context,
  target: readonly Link[],
  routers: readonly Gateway[],
): Promise<readonly Round[]> => {
  const names: readonly HostName[] = [...computesOf(config), 'local']
  const [neighbours, gateways, senders] = await Promise.all([
    Promise.all(config.addresses.map(({ address }) => askNeighbours(hosts, names, address))),
    askGatewaysFrom(hosts('target'), target, routers, config.addresses),
    askSenders(hosts('source'), config.addresses, 0.7),
  ])
  return config.addresses.map(({ address }, index) => ({
    address,
    neighbours: neighbours[index] ?? [],
    gateways: gateways.filter((it) => it.address === address),
    senders: senders.filter((it) => it.address === address),
  }))
}
