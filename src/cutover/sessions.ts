import type { Context } from '../context.ts'
import type { Action, Step } from '../engine/step.ts'
import { nothing } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'
import { ask } from '../source/question.ts'
import { type Connection, connections } from './connections.ts'

/**
 * Connections of a compute to a moving address that the target knows nothing of: opened to the old holder, and left to
 * hang until something is sent over them (known failure P95: for as long as nova's or TCP's timeouts). Pure.
 */
export const stale = (
  compute: readonly Connection[],
  target: readonly Connection[],
  moving: readonly string[],
): readonly Connection[] =>
  compute.filter(
    (it) =>
      moving.includes(it.peer) &&
      !target.some(
        (other) => other.local === it.peer && other.localPort === it.peerPort && other.peerPort === it.localPort,
      ),
  )

/** Ends connections at once: the program that has one sees a reset and connects again. */
export const killAction = (on: HostName, all: readonly Connection[]): Action => {
  const one = (it: Connection): readonly string[] => [
    ...['(', 'dst', it.peer, 'and', 'dport', '=', `:${it.peerPort}`, 'and', 'sport', '=', `:${it.localPort}`, ')'],
  ]
  const filter = all.flatMap((it, index) => (index === 0 ? one(it) : ['or', ...one(it)]))
  return { kind: 'exec', on, argv: ['ss', '-K', '-t', '-n', ...filter], limit: 30 }
}

export const sessionsStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/sessions',
  phase: 'cutover',
  title: 'End the connections of the computes that the old controller left behind',
  after,
  run: async () => {
    const found = await askStale(context)
    return found.filter(({ all }) => all.length > 0).map(({ host, all }) => killAction(host, all))
  },
  undo: nothing,
  proof: async () => {
    const found = await askStale(context)
    const left = found.filter(({ all }) => all.length > 0)
    if (left.length === 0) return `no half-open connection on ${found.length} computes`
    // An old kernel (before 4.9, or built without INET_DIAG_DESTROY) cannot end them: they end at their next heartbeat.
    return `left to end by themselves: ${left.map(({ host, all }) => `${all.length} on ${host}`).join(', ')}`
  },
})

/** The computes are asked before and after the target: what came or went in between is not stale. */
const askStale = async ({ config, hosts }: Context) => {
  const moving = config.addresses.map((it) => it.address)
  const names = config.computes.map((machine): HostName => `compute:${machine.name}`)
  const askAll = () => Promise.all(names.map((host) => ask(hosts(host), connections)))
  const before = await askAll()
  const target = await ask(hosts('target'), connections)
  const after = await askAll()
  return names.map((host, index) => ({
    host,
    all: stale(before[index] ?? [], target, moving).filter((it) => (after[index] ?? []).some((one) => same(one, it))),
  }))
}

const same = (one: Connection, other: Connection): boolean =>
  one.peer === other.peer && one.peerPort === other.peerPort && one.localPort === other.localPort
