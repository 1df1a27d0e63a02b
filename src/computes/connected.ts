import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type Question } from '../ask/question.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { bracketed } from '../hosts/place.ts'
import { programText } from '../text/program.ts'
import { agentOf } from './agents.ts'
import { type Seen, seenOf } from './seen.ts'
import type { Unit, Work } from './work.ts'

/** Seconds for an agent to start and to connect: a compute imports for long, and tries again at growing intervals. */
const longest = 90

/** Milliseconds between two looks. */
const pause = 1000

/**
 * Milliseconds for which a connection must have been seen: a broker that refuses the login may wait for 3 s before it
 * closes (rabbit_reader.erl, SILENT_CLOSE_DELAY).
 */
const steady = 4000

const running = (units: readonly string[]): Question<Seen> => ({
  argv: ['bash', '-c', programText('running.sh', import.meta.url), 'running', ...units],
  parse: seenOf,
})

const placeText = ({ address, port }: Unit['brokers'][number]): string =>
  `${bracketed(address)}${port === undefined ? '' : `:${port}`}`

type Socket = Seen['sockets'][number]

/**
 * Why an agent does not count as back yet; undefined: it runs anew and is connected, as far as it has a broker.
 * `isSteady`: whether a connection has stood long enough.
 */
export const missingOf = (
  one: Unit,
  isNew: boolean,
  seen: Seen,
  isSteady: (socket: Socket) => boolean = () => true,
): string | undefined => {
  if (seen.units.some(({ name, active }) => name === one.unit && !active)) return `${one.agent} does not run`
  const pids = seen.processes.filter((process) => agentOf(process)?.name === one.agent).map(({ pid }) => pid)
  const fresh = isNew ? pids.filter((pid) => !one.pids.includes(pid)) : pids
  if (fresh.length === 0) return `${one.agent} ${pids.length === 0 ? 'does not run' : 'still runs as before'}`
  const to = ({ peer, port }: Socket): boolean =>
    one.brokers.some((broker) => broker.address === peer && (broker.port === undefined || broker.port === port))
  const connected = seen.sockets.filter((socket) => to(socket) && socket.pids.some((pid) => fresh.includes(pid)))
  return one.brokers.length === 0 || connected.some(isSteady)
    ? undefined
    : `${one.agent} has no connection to ${one.brokers.map(placeText).join(' or ')} that lasts`
}

/** Remembers since when each connection has been seen. */
const watch = () => {
  let since = new Map<string, number>()
  const key = ({ local, peer, port }: Socket): string => `${local} ${peer} ${port}`
  return {
    saw: ({ sockets }: Seen): void => {
      since = new Map(sockets.map((socket) => [key(socket), since.get(key(socket)) ?? Date.now()]))
    },
    isSteady: (socket: Socket): boolean => Date.now() - (since.get(key(socket)) ?? Date.now()) >= steady,
  }
}

/**
 * Waits until every restarted agent runs with new processes, and has an open connection to a broker that it is set to
 * use: the broker has let it in. Resolves with what was seen; throws SwapError when that takes too long.
 */
export const awaitConnected = async (
  host: Host,
  { restart, restarted }: Pick<Work, 'restart' | 'restarted'>,
  progress?: (text: string) => void,
  limit = longest,
): Promise<string> => {
  const all = [...restart.map((one) => ({ one, isNew: true })), ...restarted.map((one) => ({ one, isNew: false }))]
  if (all.length === 0) return ''
  const began = Date.now()
  const { saw, isSteady } = watch()
  for (;;) {
    const seen = await ask(host, running(all.map(({ one }) => one.unit)))
    saw(seen)
    const missing = all.flatMap(({ one, isNew }) => missingOf(one, isNew, seen, isSteady) ?? [])
    const seconds = (Date.now() - began) / 1000
    if (missing.length === 0) {
      const brokers = [...new Set(all.flatMap(({ one }) => one.brokers.map(placeText)))]
      return brokers.length === 0 ? '' : `connected to ${brokers.join(' or ')} after ${seconds.toFixed(0)} s`
    }
    if (seconds > limit)
      throw new SwapError(
        host.name,
        `${missing.join('; ')} after ${limit} s`,
        `Read there: journalctl -u ${all[0]?.one.unit} -n 50. If the new broker refuses it, compare login and virtual host`,
      )
    progress?.(missing.join('; '))
    await sleep(pause)
  }
}
