import { isIP } from 'node:net'
import { askBeside, type Silent } from '../ask/beside.ts'
import { ask, lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { computesOf } from '../cutover/handover/neighbours.ts'
import { SwapError } from '../errors.ts'
import type { Host, HostName } from '../hosts/host.ts'
import { limiter } from '../hosts/limiter.ts'
import { said } from '../hosts/sides.ts'
import { retargetDirectory } from '../places.ts'
import { canonical } from '../text/canonical.ts'
import { placesIn } from '../text/hosts-in.ts'
import { programText } from '../text/program.ts'
import { agentOf, type Present, presentOn } from './agents.ts'
import { atOnce, look, patience, readable, resolving } from './ask.ts'
import { behindOf, type Change, type Edits, editsOf, type Meaning } from './changes.ts'
import { inForceOf, type Lead, leadsOf, parsedOf } from './leads.ts'
import { newAddressOf } from './new-address.ts'
import { type Seen, seenOf } from './seen.ts'
import { directionOf, memberAt, waysIn } from './where.ts'

/** An agent that runs by a unit. */
export interface Unit {
  readonly agent: string
  readonly unit: string
  /** its processes now */
  readonly pids: readonly number[]
  /** addresses of the brokers that it is set to use, with the port where one is set */
  readonly brokers: readonly { readonly address: string; readonly port?: number }[]
}

/** What has to be done on one compute so that it follows the cutover. */
export interface Work extends Edits {
  readonly host: HostName
  /** agents to restart: they run, and options in force for them are rewritten now or were by an interrupted run */
  readonly restart: readonly Unit[]
  /** agents that run and were restarted earlier: they need no restart, but must be connected too */
  readonly restarted: readonly Unit[]
  /** agents to restart whose restart may cut traffic, and what it cuts: left alone unless the operator says otherwise */
  readonly cutting: readonly { readonly agent: string; readonly unit: string; readonly cuts: string }[]
  /** for the operator: what swapctl cannot rewrite or restart */
  readonly byHand: readonly string[]
}

export interface WorkOptions {
  /** restart also agents whose restart may cut traffic */
  readonly withCuts: boolean
}

const filesOf = (directory: string, paths: readonly string[]): Question<Seen> => ({
  argv: ['bash', '-c', programText('files.sh', import.meta.url), 'files', directory, ...paths],
  parse: seenOf,
})

const namesOf = async (host: Host, leads: readonly Lead[]): Promise<ReadonlyMap<string, readonly string[]>> => {
  const names = [...new Set(leads.map((lead) => lead.host))].filter((one) => isIP(one) === 0)
  return names.length === 0 ? new Map() : ask(host, resolving(names))
}

/** Asks one compute what has to be done there. Reads only. */
export const askWork = async (
  { config, survey }: Pick<Context, 'config' | 'survey'>,
  host: Host,
  { withCuts }: WorkOptions,
): Promise<Work> => {
  const seen = await ask(host, look)
  const member = memberAt(config, survey, seen.addresses)
  if (member !== undefined) return untouched(host.name, `it is ${said(member)}: swapctl writes no settings there`)
  const leads = readable(() => leadsOf(seen), host)
  const meaning: Meaning = {
    ways: waysIn(config, survey),
    own: seen.addresses,
    names: await namesOf(host, leads),
    to: newAddressOf(config, survey),
  }
  const present = presentOn(seen)
  const behind = behindOf(present, parsedOf(seen, present), meaning)
  const whole = await ask(host, filesOf(retargetDirectory(config.name), [...new Set(behind.map(({ file }) => file))]))
  const edits = readable(() => editsOf(behind, whole.files, meaning), host)
  return {
    host: host.name,
    ...edits,
    ...agentsIn(seen, present, edits.changes, whole, meaning, withCuts),
    byHand: byHandOf(seen, present, leads, edits, meaning),
  }
}

const untouched = (host: HostName, why: string): Work => ({
  ...{ host, changes: [], edits: [], unsafe: [] },
  ...{ restart: [], restarted: [], cutting: [], byHand: [why] },
})

const agentsIn = (
  seen: Seen,
  present: readonly Present[],
  changes: readonly Change[],
  { due, restarted }: Pick<Seen, 'due' | 'restarted'>,
  meaning: Meaning,
  withCuts: boolean,
): Pick<Work, 'restart' | 'restarted' | 'cutting'> => {
  const parsed = parsedOf(seen, present)
  const running = present.flatMap((one) => (one.unit === undefined || !one.active ? [] : [{ ...one, unit: one.unit }]))
  const touched = running.filter(
    ({ agent, unit }) => due.includes(unit) || changes.some(({ by }) => by.includes(agent.name)),
  )
  const left = touched.filter(({ agent }) => agent.cuts !== undefined && !withCuts)
  const told = (one: Present & { readonly unit: string }): Unit => ({
    agent: one.agent.name,
    unit: one.unit,
    pids: seen.processes.filter((process) => agentOf(process) === one.agent).map(({ pid }) => pid),
    brokers: brokersOf(one, parsed, meaning),
  })
  return {
    restart: touched.filter((one) => !left.includes(one)).map(told),
    restarted: running.filter((one) => restarted.includes(one.unit) && !touched.includes(one)).map(told),
    cutting: left.map(({ agent, unit }) => ({ agent: agent.name, unit, cuts: agent.cuts ?? '' })),
  }
}

/** The brokers that an agent will use once its settings are rewritten. */
const brokersOf = (
  one: Present,
  parsed: ReturnType<typeof parsedOf>,
  { names, own, ways, to }: Meaning,
): Unit['brokers'] =>
  inForceOf(one, parsed)
    .filter(({ use }) => use === 'queue')
    .flatMap(({ value }) => placesIn(value))
    .flatMap(({ host, port }) =>
      (isIP(host) === 0 ? (names.get(host) ?? []) : [host]).map((it) => {
        const address = canonical(it)
        const old = isIP(host) !== 0 && directionOf([address], own, ways) === 'stays behind'
        return { address: old ? (to(address) ?? address) : address, ...(port === undefined ? {} : { port }) }
      }),
    )

/** What leads to the old controller and is in no file that swapctl can rewrite, or is read by what it cannot restart. */
const byHandOf = (
  seen: Seen,
  present: readonly Present[],
  leads: readonly Lead[],
  { changes, unsafe }: Edits,
  meaning: Meaning,
): readonly string[] => {
  const old = ({ host }: Lead): boolean =>
    directionOf(meaning.names.get(host) ?? [host].filter((one) => isIP(one) !== 0), seen.addresses, meaning.ways) ===
    'stays behind'
  const set = leads.filter((lead) => lead.set?.file === 'external_ids' && old(lead))
  const known = new Set(present.map(({ agent }) => agent.name))
  const open = leads.filter((lead) => lead.use === 'open' && old(lead) && lead.by.every((name) => !known.has(name)))
  const loose = present.filter(
    ({ agent, unit }) => unit === undefined && changes.some(({ by }) => by.includes(agent.name)),
  )
  return [
    ...unsafe.map(({ file, option, by, why }) => `${option} in ${file} (${by.join(', ')}) was not rewritten: ${why}`),
    ...set.map(
      ({ set: place, host, port }) =>
        `${place?.option} of Open vSwitch leads to ${host}${port === undefined ? '' : `:${port}`}: ovs-vsctl set open . external_ids:${place?.option}=...`,
    ),
    ...loose.map(({ agent }) => `${agent.name} runs there without a systemd unit: restart it`),
    ...open.map(
      ({ by, host, port }) =>
        `${by.join(', ')} is connected to ${host}:${port}, by settings that swapctl does not know`,
    ),
  ]
}

const knock = (places: readonly string[]): Question<readonly string[]> => ({
  argv: ['bash', '-c', programText('knock.sh', import.meta.url), 'knock', ...places],
  parse: lines,
})

/**
 * Which of the new places take no connection from this compute: 'ADDRESS PORT'. Consoles are left out: browsers use
 * them, not the compute.
 */
export const askDeaf = async (host: Host, { changes }: Pick<Work, 'changes'>): Promise<readonly string[]> => {
  const places = changes
    .filter(({ use }) => use !== 'console')
    .flatMap(({ to }) => to.flatMap(({ host: address, port }) => (port === undefined ? [] : [`${address} ${port}`])))
  return places.length === 0 ? [] : ask(host, knock([...new Set(places)].flatMap((place) => place.split(' '))))
}

/** Throws SwapError when one of the new places takes no connection: then nothing may be changed there. */
export const refuseDeaf = async (host: Host, work: Pick<Work, 'changes'>): Promise<void> => {
  const deaf = await askDeaf(host, work)
  if (deaf.length === 0) return
  throw new SwapError(
    host.name,
    `nothing was changed there: ${deaf.map((one) => one.replace(' ', ' port ')).join(', ')} takes no connection from it`,
    'Let that service of the target listen at this address (ss -tln there), or open the way to it',
  )
}

/** Whether something is to be done there. */
export const isBusy = ({ changes, restart }: Pick<Work, 'changes' | 'restart'>): boolean =>
  changes.length > 0 || restart.length > 0

/** Asks all computes, some at a time. One that gives no answer holds up nobody and is returned in `silent`. */
export const askWorks = async (
  context: Context,
  options: WorkOptions,
): Promise<{ readonly works: readonly Work[]; readonly silent: readonly Silent[] }> => {
  const inTurn = limiter(atOnce)
  const ask = (host: Host) => askWork(context, host, options)
  const all = await Promise.all(
    computesOf(context.config).map((name) => inTurn(() => askBeside(context.hosts, [name], ask, patience))),
  )
  return {
    works: all.flatMap(({ answers }) => answers.map(({ answer }) => answer)),
    silent: all.flatMap(({ silent }) => silent),
  }
}
