import type { Context } from '../context.ts'
import type { Action, Step } from '../engine/step.ts'
import { nothing } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'
import { ask, settled } from '../source/question.ts'
import { type Connection, connections, connectionText, filtered, inParts } from './connections.ts'
import { computesOf } from './neighbours.ts'
import { nudgeActions } from './nudge.ts'

/**
 * Connections of a compute to a moving address that the target knows nothing of: opened to the old holder, and left to
 * hang until something is sent over them (known failure P95: for as long as nova's or TCP's timeouts). Pure.
 */
export const stale = (
  compute: readonly Connection[],
  target: readonly Connection[],
  moving: readonly string[],
): readonly Connection[] =>
  compute.filter((it) => moving.includes(it.peer) && !target.some((other) => same(other, turned(it))))

/** The same connection as the other end has it. */
const turned = (it: Connection): Connection => ({
  local: it.peer,
  localPort: it.peerPort,
  peer: it.local,
  peerPort: it.localPort,
})

const same = (one: Connection, other: Connection): boolean =>
  one.local === other.local && one.localPort === other.localPort && one.peerPort === other.peerPort

/**
 * What the old holder still keeps under the moved addresses, and the target does not have: the far ends hang, wherever
 * they are. Its connections with itself are not among them. Pure.
 */
export const leftBehind = (
  source: readonly Connection[],
  target: readonly Connection[],
  moving: readonly string[],
  own: readonly string[],
): readonly Connection[] =>
  source.filter(
    (it) =>
      moving.includes(it.local) &&
      !moving.includes(it.peer) &&
      !own.includes(it.peer) &&
      !target.some((other) => same(other, it)),
  )

/** A `ss` without -K (iproute2 before 4.5) ends nothing, and a kernel may not be able to: the proof tells what is left. */
const kill = 'ss -K -t -n "$@" >/dev/null || true'

const killing = (on: HostName, filter: readonly string[]): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-c', kill, 'kill', ...filter],
  limit: 30,
})

const only = (it: Connection): readonly string[] => [
  ...[
    '(',
    'dst',
    filtered(it.peer),
    'and',
    'dport',
    '=',
    `:${it.peerPort}`,
    'and',
    'sport',
    '=',
    `:${it.localPort}`,
    ')',
  ],
]

/** Ends connections at once: the program that has one sees a reset and connects again. */
export const killActions = (on: HostName, all: readonly Connection[]): readonly Action[] =>
  inParts(all, 200).map((part) =>
    killing(
      on,
      part.flatMap((it, index) => (index === 0 ? only(it) : ['or', ...only(it)])),
    ),
  )

/** Whatever the source still has under the moved addresses is of no use to anybody. */
const killOnSource = (moving: readonly string[]): Action =>
  killing(
    'source',
    moving.flatMap((address, index) => [...(index === 0 ? [] : ['or']), 'src', filtered(address)]),
  )

export const sessionsStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/sessions',
  phase: 'cutover',
  title: 'End the connections that the old controller left behind, at the computes and wherever it had others',
  after,
  run: async () => {
    const moving = context.config.addresses.map((it) => it.address)
    const own = context.survey.source.addresses.map((it) => it.address)
    const [{ computes, target }, source] = await Promise.all([askStale(context), askSource(context)])
    const hanging = leftBehind(source, target, moving, own)
    const known = computes.flatMap(({ all }) => all.map(turned))
    const nudged = [...hanging, ...known.filter((it) => !hanging.some((one) => same(one, it)))]
    return [
      ...computes.flatMap(({ host, all }) => killActions(host, all)),
      ...nudgeActions(nudged),
      ...(source.some((it) => moving.includes(it.local)) ? [killOnSource(moving)] : []),
    ]
  },
  undo: nothing,
  proof: async () => {
    // A reset is on its way for a moment.
    const left = await settled(() => complaints(context), 3)
    const asked = context.config.computes.length
    return left.length === 0
      ? `no half-open connection on ${asked} computes, none kept by the source`
      : `left to end by themselves, at their next heartbeat or timeout: ${left.join('; ')}`
  },
})

const complaints = async (context: Context): Promise<readonly string[]> => {
  const moving = context.config.addresses.map((it) => it.address)
  const [{ computes }, source] = await Promise.all([askStale(context), askSource(context)])
  const kept = source.filter((it) => moving.includes(it.local))
  return [
    ...computes
      .filter(({ all }) => all.length > 0)
      .map(
        ({ host, all }) => `${host}: ${all.map((it) => connectionText(turned(it))).join(', ')} (restart what has it)`,
      ),
    ...(kept.length === 0 ? [] : [`source: ${kept.map(connectionText).join(', ')}`]),
  ]
}

const askSource = ({ hosts }: Context): Promise<readonly Connection[]> => ask(hosts('source'), connections)

/** The computes are asked before and after the target: what came or went in between is not stale. */
const askStale = async ({ config, hosts }: Context) => {
  const moving = config.addresses.map((it) => it.address)
  const names = computesOf(config)
  const askAll = () => Promise.all(names.map((host) => ask(hosts(host), connections)))
  const before = await askAll()
  const target = await ask(hosts('target'), connections)
  const after = await askAll()
  const computes = names.map((host, index) => ({
    host,
    all: stale(before[index] ?? [], target, moving).filter((it) =>
      (after[index] ?? []).some((one) => same(turned(one), turned(it))),
    ),
  }))
  return { computes, target }
}
