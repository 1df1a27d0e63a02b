import { lines } from '../ask/question.ts'
import { endOf } from '../ask/sockets.ts'
import { canonical } from '../text/canonical.ts'

/** An established connection that this machine opened. */
export interface Socket {
  /** its port on this machine */
  readonly local: number
  readonly peer: string
  readonly port: number
  /** of its owners */
  readonly pids: readonly number[]
  /** the first owner's name; '' when it is not known */
  readonly program: string
}

export type Sockets = readonly Socket[]

/** `users:(("a",pid=1,fd=3),("b",pid=2,fd=3))`; before iproute2 3.19: `users:(("a",1,3))`. */
const pidsOf = (line: string): readonly number[] => [
  ...new Set([...line.matchAll(/"[^"]*",(?:pid=)?(\d+),/g)].map(([, pid]) => Number(pid))),
]

/** Parses `ss -tanp`. Connections to a port on which this machine listens were opened by others. */
export const parseSockets = (text: string): Sockets => {
  const rows = lines(text).flatMap((line) => {
    const [, state, local = '', peer = ''] = /^(LISTEN|ESTAB)\s+\d+\s+\d+\s+(\S+)\s+(\S+)/.exec(line) ?? []
    const program = /\(\("([^"]*)"/.exec(line)?.[1] ?? ''
    return state === undefined ? [] : [{ state, local: endOf(local), peer: endOf(peer), pids: pidsOf(line), program }]
  })
  const listening = new Set(rows.filter(({ state }) => state === 'LISTEN').map(({ local }) => local.port))
  return rows
    .filter(({ state, local }) => state === 'ESTAB' && !listening.has(local.port))
    .map(({ local, peer, pids, program }) => ({
      local: local.port,
      peer: canonical(peer.address),
      port: peer.port,
      pids,
      program,
    }))
}
