import { askBeside, type Silent, silentText } from '../../ask/beside.ts'
import { ask, settled } from '../../ask/question.ts'
import type { Context } from '../../context.ts'
import type { Action, Step } from '../../engine/step.ts'
import { nothing } from '../../engine/step.ts'
import type { HostName } from '../../hosts/host.ts'
import { type Connection, connections, connectionText, filtered, inParts } from './connections.ts'
import { computesOf } from './neighbours.ts'
import { resetActions } from './reset.ts'

/**
 * Connections of a compute to a moving address that the target does not have: they were opened to the old holder and
 * hang until something is sent over them (as long as nova's or TCP's timeouts).
 */
export const stale = (
  compute: readonly Connection[],
  target: readonly Connection[],
  moving: readonly string[],
): readonly Connection[] =>
  compute.filter((it) => moving.includes(it.peer) && !target.some((other) => same(other, turned(it))))

/** The connection as the other end lists it. */
const turned = (it: Connection): Connection => ({
  local: it.peer,
  localPort: it.peerPort,
  peer: it.local,
  peerPort: it.localPort,
})

const same = (one: Connection, other: Connection): boolean =>
  one.local === other.local && one.localPort === other.localPort && one.peerPort === other.peerPort

/**
 * Connections at the moved addresses that the old holder still has and the target does not: their far ends hang, on
 * whatever machine. The old holder's connections to itself are left out.
 */
export const halfOpen = (
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

/** `ss` before iproute2 4.5 has no -K, and the kernel may not support it: the proof reports what is left. */
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

/** Kills connections at once: their programs get a reset and connect again. */
export const killActions = (on: HostName, all: readonly Connection[]): readonly Action[] =>
  inParts(all, 200).map((part) =>
    killing(
      on,
      part.flatMap((it, index) => (index === 0 ? only(it) : ['or', ...only(it)])),
    ),
  )

/** The source's connections at the moved addresses are useless now. */
const killOnSource = (moving: readonly string[]): Action =>
  killing(
    'source',
    moving.flatMap((address, index) => [...(index === 0 ? [] : ['or']), 'src', filtered(address)]),
  )

export const sessionsStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/sessions',
  phase: 'cutover',
  title: 'Reset connections that still lead to the old controller, on the computes and other peers',
  after,
  changes: ['source', 'target', ...computesOf(context.config)],
  run: async () => {
    const moving = context.config.addresses.map((it) => it.address)
    const own = context.survey.source.addresses.map((it) => it.address)
    const [{ computes, target }, source] = await Promise.all([askStale(context), askSource(context)])
    const hanging = halfOpen(source, target, moving, own)
    const known = computes.flatMap(({ all }) => all.map(turned))
    const toReset = [...hanging, ...known.filter((it) => !hanging.some((one) => same(one, it)))]
    return [
      ...computes.flatMap(({ host, all }) => killActions(host, all)),
      ...resetActions(toReset),
      ...(source.some((it) => moving.includes(it.local)) ? [killOnSource(moving)] : []),
    ]
  },
  undo: nothing,
  noWayBack: 'clients reopen a reset connection when they need it',
  proof: async (_, tell) => {
    let silent: readonly Silent[] = []
    // A reset takes a moment to arrive.
    const left = await settled(async () => {
      const seen = await complaints(context)
      silent = seen.silent
      return seen.all
    }, 3)
    for (const one of silent) tell?.(unaskedText(one, context))
    const asked = context.config.computes.length - silent.length
    return left.length === 0
      ? `no half-open connection on ${asked} computes, none left on the source`
      : `these end at their next heartbeat or timeout: ${left.join('; ')}`
  },
})

const unaskedText = (one: Silent, { config }: Context): string =>
  `${silentText(one)}: its open connections to ${config.addresses.map((it) => it.address).join(', ')} end at their next heartbeat or timeout; restart its agents to end them now`

const complaints = async (context: Context) => {
  const moving = context.config.addresses.map((it) => it.address)
  const [{ computes, silent }, source] = await Promise.all([askStale(context), askSource(context)])
  const kept = source.filter((it) => moving.includes(it.local))
  const all = [
    ...computes
      .filter(({ all }) => all.length > 0)
      .map(
        ({ host, all }) =>
          `${host}: ${all.map((it) => connectionText(turned(it))).join(', ')} (to end them now, restart the owner)`,
      ),
    ...(kept.length === 0 ? [] : [`source: ${kept.map(connectionText).join(', ')}`]),
  ]
  return { all, silent }
}

const askSource = ({ hosts }: Context): Promise<readonly Connection[]> => ask(hosts('source'), connections)

/** The computes are asked before and after the target: connections that came or went in between are not stale. */
const askStale = async ({ config, hosts }: Context) => {
  const moving = config.addresses.map((it) => it.address)
  const look = () => askBeside(hosts, computesOf(config), (host) => ask(host, connections))
  const before = await look()
  const target = await ask(hosts('target'), connections)
  const after = await look()
  const computes = before.answers.map(({ host, answer }) => ({
    host,
    all: stale(answer, target, moving).filter((it) =>
      after.answers.some((one) => one.host === host && one.answer.some((late) => same(turned(late), turned(it)))),
    ),
  }))
  return { computes, target, silent: after.silent }
}
