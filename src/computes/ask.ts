import { isIP } from 'node:net'
import { askBeside, type Silent } from '../ask/beside.ts'
import { ask, lines, type Question } from '../ask/question.ts'
import { SwapError } from '../errors.ts'
import type { Host, HostName, Hosts } from '../hosts/host.ts'
import { limiter } from '../hosts/limiter.ts'
import { programText } from '../text/program.ts'
import { presentOn, trees, unitNames } from './agents.ts'
import { type Judged, judge, leadsOf } from './leads.ts'
import { type Seen, seenOf } from './seen.ts'
import type { Ways } from './where.ts'

/** Computes asked at once: each costs a connection, and memory for its answer. */
export const atOnce = 16

/** Seconds for one compute: its name server may be slow. */
export const patience = 60

export const look: Question<Seen> = {
  argv: ['bash', '-c', programText('look.sh', import.meta.url), 'look', ...unitNames, '--', ...trees],
  parse: seenOf,
}

export const resolving = (names: readonly string[]): Question<ReadonlyMap<string, readonly string[]>> => ({
  argv: ['bash', '-c', programText('resolve.sh', import.meta.url), 'resolve', ...names],
  parse: (text) => {
    const found = new Map<string, readonly string[]>()
    for (const line of lines(text)) {
      const [name = '', address = ''] = line.split(' ')
      found.set(name, [...new Set([...(found.get(name) ?? []), address])])
    }
    return found
  },
})

/** What one compute leads to. */
export interface ComputeLeads {
  readonly host: HostName
  readonly agents: readonly { readonly name: string; readonly active: boolean; readonly files: readonly string[] }[]
  readonly leads: readonly Judged[]
}

/** An error about a file of that compute names the file. */
export const readable = <T>(read: () => T, { name }: Host): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    throw new SwapError(name, `${error.where}: ${error.message}`, error.next, { cause: error })
  }
}

const askOne = async (host: Host, ways: Ways): Promise<Omit<ComputeLeads, 'host'>> => {
  const seen = await ask(host, look)
  const leads = readable(() => leadsOf(seen), host)
  const hosts = [...new Set(leads.map((lead) => lead.host))]
  const names = hosts.filter((one) => isIP(one) === 0)
  const resolved = names.length === 0 ? new Map<string, readonly string[]>() : await ask(host, resolving(names))
  const addresses = new Map(hosts.map((one) => [one, isIP(one) === 0 ? (resolved.get(one) ?? []) : [one]]))
  return {
    agents: presentOn(seen).map(({ agent, active, files }) => ({ name: agent.name, active, files })),
    leads: judge(leads, seen, addresses, ways),
  }
}

/**
 * Asks the computes where their connections lead, some at a time. One that gives no answer holds up nobody and is
 * returned in `silent`.
 */
export const askLeads = async (
  hosts: Hosts,
  names: readonly HostName[],
  ways: Ways,
): Promise<{ readonly computes: readonly ComputeLeads[]; readonly silent: readonly Silent[] }> => {
  const inTurn = limiter(atOnce)
  const all = await Promise.all(
    names.map((name) => inTurn(() => askBeside(hosts, [name], (host) => askOne(host, ways), patience))),
  )
  return {
    computes: all.flatMap(({ answers }) => answers.map(({ host, answer }) => ({ host, ...answer }))),
    silent: all.flatMap(({ silent }) => silent),
  }
}
