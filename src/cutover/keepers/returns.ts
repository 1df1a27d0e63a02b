import type { Connection } from '../handover/connections.ts'
import type { Move } from '../handover/moves.ts'
import { portName } from '../outage/probe-target.ts'

/** A compute's connections to the moving addresses, listed on the compute itself. */
export interface Look {
  /** milliseconds since 1970, by the operator's machine */
  readonly at: number
  readonly compute: string
  readonly open: readonly Connection[]
}

/** How a compute's connections to one port came back after the move of the addresses. Lengths in seconds. */
export interface PortReturn {
  /** 'AMQP :5672' */
  readonly name: string
  /** number of connections before the move, and of new ones at the end */
  readonly before: number
  readonly now: number
  /** old connections that still exist at the end; the new side does not have them */
  readonly left: number
  /** from the start of the move to the first new connection, and until there were as many as before */
  readonly first?: number
  readonly all?: number
}

export interface ComputeReturn {
  readonly name: string
  readonly ports: readonly PortReturn[]
  /** how many AMQP connections of this compute the new broker lists; absent when it was not asked */
  readonly broker?: number
  /** why the compute was not watched, or not to the end */
  readonly says?: string
}

const keyOf = (it: Connection): string => `${it.local} ${it.localPort} ${it.peer} ${it.peerPort}`

const ofPort = (looks: readonly Look[], begun: number, port: number): PortReturn => {
  const at = looks.map((look) => ({ at: look.at, keys: look.open.filter((it) => it.peerPort === port).map(keyOf) }))
  const earlier = at.filter((look) => look.at < begun)
  const later = at.filter((look) => look.at >= begun)
  const old = new Set(earlier.flatMap(({ keys }) => keys))
  const fresh = later.map((look) => ({ at: look.at, count: look.keys.filter((key) => !old.has(key)).length }))
  const before = earlier.at(-1)?.keys.length ?? 0
  const last = later.at(-1)
  const since = (found: { readonly at: number } | undefined): number | undefined =>
    found === undefined ? undefined : Math.round(found.at - begun) / 1000
  const first = since(fresh.find(({ count }) => count > 0))
  const all = since(fresh.find(({ count }) => count >= before && count > 0))
  return {
    name: portName(port),
    before,
    now: fresh.at(-1)?.count ?? 0,
    left: last?.keys.filter((key) => old.has(key)).length ?? before,
    ...(first === undefined ? {} : { first }),
    ...(all === undefined ? {} : { all }),
  }
}

/** When a compute's connections came back after the last move, from the looks at it (oldest first). */
export const returnOf = (
  name: string,
  looks: readonly Look[],
  moves: readonly Move[],
  more: Pick<ComputeReturn, 'broker' | 'says'> = {},
): ComputeReturn => {
  const begun = moves.at(-1)?.begun
  if (begun === undefined) return { name, ports: [], ...more }
  const last = looks.filter((look) => look.at < begun).at(-1)?.open ?? []
  const ports = [...new Set(last.map((it) => it.peerPort))].sort((a, b) => a - b)
  return { name, ports: ports.map((port) => ofPort(looks, begun, port)), ...more }
}
