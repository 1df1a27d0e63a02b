import type { Move } from '../handover/moves.ts'
import { type ComputeReturn, type Look, returnOf } from '../keepers/returns.ts'
import { type Between, followOutage, type Known, type Outage } from './outage.ts'
import { inOrder, type Line } from './samples.ts'

/** What is known of one compute so far. */
interface Seen {
  readonly looks: Look[]
  says?: string
}

const iso = (at: number): string => new Date(at).toISOString()

/** How many of the broker's clients ('10.0.0.13:41234') are connections of this compute. */
const listedOf = (looks: readonly Look[], peers: readonly string[] | undefined): number | undefined => {
  if (peers === undefined || looks.length === 0) return undefined
  const own = new Set(looks.flatMap(({ open }) => open.map((it) => it.local)))
  return peers.filter((peer) => own.has(peer.slice(0, peer.lastIndexOf(':')))).length
}

const computesOf = (
  seen: ReadonlyMap<string, Seen>,
  moves: readonly Move[],
  peers: readonly string[] | undefined,
): readonly ComputeReturn[] =>
  [...seen].map(([name, { looks, says }]) => {
    const broker = listedOf(looks, peers)
    return returnOf(name, looks, moves, {
      ...(broker === undefined ? {} : { broker }),
      ...(says === undefined ? {} : { says }),
    })
  })

/** Milliseconds around the last move in which every look is kept; of earlier looks only the last one counts. */
const closely = 180_000

const keep = (looks: Look[], look: Look, moves: readonly Move[]): void => {
  const begun = moves.at(-1)?.begun ?? Number.POSITIVE_INFINITY
  const last = looks.at(-1)
  if (last !== undefined && (look.at < begun || last.at > begun + closely)) looks.pop()
  looks.push(look)
}

/**
 * Summarises everything recorded during a cutover, by one or several runs. Keeps only the last seconds of samples and
 * the changes of the computes' connections.
 */
export const summarise = async (lines: AsyncIterable<Line> | Iterable<Line>, known: Known): Promise<Outage> => {
  const outage = followOutage(known)
  const order = inOrder((sample) => outage.take(sample))
  const computes = new Map<string, Seen>()
  const unwatched: Between[] = []
  const leftOut: Record<string, number> = {}
  let [late, last] = [0, 0]
  let peers: readonly string[] | undefined
  const seenOf = (name: string): Seen => {
    const found = computes.get(name) ?? { looks: [] }
    computes.set(name, found)
    return found
  }
  for await (const line of lines) {
    if ('at' in line) {
      if (line.kind === 'begin' && last > 0) unwatched.push({ from: iso(last), to: iso(line.at) })
      last = Math.max(last, line.at)
    }
    if (line.kind === 'sample') order.take(line)
    if (line.kind === 'look') keep(seenOf(line.compute).looks, line, known.moves)
    if (line.kind === 'unseen') seenOf(line.compute).says = line.says
    if (line.kind === 'broker') peers = line.peers
    if (line.kind !== 'end') continue
    late = Math.max(late, line.late)
    for (const [name, count] of Object.entries(line.leftOut)) leftOut[name] = (leftOut[name] ?? 0) + count
  }
  order.end()
  const { apis, ...whole } = outage.result()
  return { version: 1, ...whole, unwatched, late, leftOut, apis, computes: computesOf(computes, known.moves, peers) }
}
