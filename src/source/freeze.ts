import { setTimeout as sleep } from 'node:timers/promises'
import { askUnits, sourceUnits, type Unit, unitsOf } from '../ask/units.ts'
import type { Context } from '../context.ts'
import { type Action, exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host, SideMachine } from '../hosts/host.ts'
import { idOn, idsOn, membersOf, said } from '../hosts/sides.ts'
import type { Recipe, Role } from '../services/recipe.ts'
import { askInFlight, type InFlight } from './in-flight.ts'
import { askSessions } from './iscsi-sessions.ts'
import { askQuiet } from './quiet.ts'

export interface FreezeOptions {
  /** continue although these operations are under way: the operator has checked them */
  readonly acceptInFlight: boolean
  /** seconds to wait for operations under way */
  readonly patience: number
}

/**
 * The steps that stop the old controllers, service by service: callers before the services they call, APIs before
 * workers, so that operations under way can still finish. The undo starts what was running, and nothing else. The API
 * of the first machine closes last: after that it is closed everywhere and no new request can arrive.
 */
export const freezeSteps = (context: Context, options: FreezeOptions, after: readonly string[]): readonly Step[] => [
  ...context.recipes.flatMap((recipe) => {
    const [first, ...others] = membersOf(context.config, 'source') as [SideMachine, ...SideMachine[]]
    return [
      ...others.map((name) => closeOther(context, recipe, after, name)),
      close(context, recipe, options, after, first),
      ...[first, ...others].map((name) => stop(context, recipe, name)),
    ]
  }),
  quiet(context),
]

/**
 * `calls`, not `after`: a stack in progress needs nova to finish. Services that call this one stop taking requests and
 * finish theirs before it closes.
 */
const users = (recipe: Recipe, all: readonly Recipe[]): readonly string[] =>
  all.filter((other) => other.calls.includes(recipe.name)).map((other) => `${other.name}/close`)

/** Whether a step closes an API, on any machine; the first one begins the freeze. */
export const isClose = (id: string): boolean => /\/close(@|$)/.test(id)

const apis = (recipe: Recipe): readonly Role[] => recipe.source.filter((role) => role.api)

const close = (
  context: Context,
  recipe: Recipe,
  options: FreezeOptions,
  after: readonly string[],
  name: SideMachine,
): Step => ({
  id: `${recipe.name}/close`,
  phase: 'migrate',
  service: recipe.name,
  title: `Stop the ${recipe.name} API on ${said(name)} and wait for operations in flight`,
  after: [
    ...after,
    ...users(recipe, context.recipes),
    ...idsOn(`${recipe.name}/close`, context.config, 'source').slice(1),
  ],
  changes: [name],
  ...halt(context, name, apis(recipe), recipe.source),
  proof: () => waitForFlights(context, recipe, options),
})

const closeOther = (context: Context, recipe: Recipe, after: readonly string[], name: SideMachine): Step => ({
  id: idOn(`${recipe.name}/close`, context.config, name),
  phase: 'migrate',
  service: recipe.name,
  title: `Stop the ${recipe.name} API on ${said(name)}`,
  after: [...after, ...users(recipe, context.recipes)],
  changes: [name],
  ...halt(context, name, apis(recipe), recipe.source),
  proof: () => proveHalted(context, name, apis(recipe)),
})

const isWorker = (role: Role): boolean => !role.api

const stop = (context: Context, recipe: Recipe, name: SideMachine): Step => ({
  id: idOn(`${recipe.name}/stop`, context.config, name),
  phase: 'migrate',
  service: recipe.name,
  title: `Stop the ${recipe.name} workers on ${said(name)}`,
  seconds: recipe.source.some(isWorker) ? 15 : 1,
  after: [`${recipe.name}/close`],
  changes: [name],
  ...halt(context, name, recipe.source.filter(isWorker), []),
  proof: () => proveHalted(context, name, recipe.source),
})

const proveHalted = async (context: Context, name: SideMachine, roles: readonly Role[]): Promise<string> => {
  const units = await askUnits(context.hosts(name), unitsOf(roles))
  const active = units.filter((unit) => unit.active).map((unit) => unit.name)
  if (active.length > 0)
    throw new SwapError(name, `still running: ${active.join(', ')}`, 'Find out why systemd does not stop them')
  return `${units.filter((unit) => unit.exists).length} units stopped and masked`
}

/**
 * Masked, not only stopped: neither a reboot nor a package's timer may start them while their data is copied. Stopped
 * first, because systemd knows neither ExecStop (the only way to end tgtd) nor TimeoutStopSec of a masked unit.
 * `awake`: the roles whose units the undo starts, if they were running. Workers are stopped while other services still
 * close, and are started with their API: by then everything they call is up (nova-conductor gives up without keystone).
 */
const halt = (
  context: Context,
  name: SideMachine,
  roles: readonly Role[],
  awake: readonly Role[],
): Pick<Step, 'run' | 'undo'> => {
  const files = async (some: readonly Role[], which: (unit: Unit) => boolean): Promise<readonly string[]> =>
    (await askUnits(context.hosts(name), unitsOf(some))).filter(which).map((unit) => `${unit.name}.service`)
  const stoppable = () => files(roles, (unit) => unit.exists && !unit.masked)
  return {
    run: async () => {
      const names = await stoppable()
      return names.length === 0 ? [] : [...stopUnits(name, names), exec(name, 'systemctl', 'mask', ...names)]
    },
    undo: async () => {
      const names = await stoppable()
      const ran = await files(awake, (unit) => unit.active)
      return [
        ...(names.length === 0 ? [] : [exec(name, 'systemctl', 'unmask', ...names)]),
        ...(ran.length === 0 ? [] : startUnits(name, ran)),
      ]
    },
  }
}

/** systemd before 250 refuses this for a unit that is not loaded, which cannot have failed anyway. */
const forgive = (on: SideMachine, names: readonly string[]): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-c', 'systemctl reset-failed "$@" || :', 'reset-failed', ...names],
  limit: 30,
})

/**
 * A stopped unit that systemd had to kill (heat-engine, after its 15 s) is 'failed', as if it should be running; this
 * clears that.
 */
export const stopUnits = (on: SideMachine, names: readonly string[]): readonly Action[] => [
  { kind: 'exec', on, argv: ['systemctl', 'stop', ...names], limit: 180 },
  forgive(on, names),
]

/** reset-failed first: otherwise a unit that systemd gave up on ("start attempted too often") does not start. */
export const startUnits = (on: SideMachine, names: readonly string[]): readonly Action[] => [
  forgive(on, names),
  { kind: 'exec', on, argv: ['systemctl', 'start', ...names], limit: 180 },
]

const waitForFlights = async (context: Context, recipe: Recipe, options: FreezeOptions): Promise<string> => {
  const source: Host = context.hosts('source')
  const databases = context.survey.services.find((s) => s.name === recipe.name)?.databases.map((d) => d.name) ?? []
  const until = Date.now() + options.patience * 1000
  for (;;) {
    const flights = [
      ...(await askInFlight(source, recipe.inFlight ?? [], databases)),
      ...(
        await Promise.all(membersOf(context.config, 'source').map((name) => askOpenDisks(context.hosts(name), recipe)))
      ).flat(),
    ]
    if (flights.length === 0) return 'nothing in flight'
    const named = flights.map((flight) => `${flight.what} ${flight.id} (${flight.state})`).join('\n  ')
    if (options.acceptInFlight) return `accepted in flight: ${named.replaceAll('\n  ', ', ')}`
    if (Date.now() > until)
      throw new SwapError(
        'source',
        `after ${options.patience} s still in flight:\n  ${named}`,
        'Fix or end them (swapctl revert starts the API again), or continue with --accept-in-flight',
      )
    await sleep(1000)
  }
}

/**
 * A guest with a disk on the old machine would keep writing to the old copy, or lose its disk when the portal stops.
 */
const askOpenDisks = async (source: Host, recipe: Recipe): Promise<readonly InFlight[]> =>
  recipe.iscsi === undefined
    ? []
    : (await askSessions(source)).map(({ target, initiator, address }) => ({
        what: 'iSCSI session on',
        id: target,
        state: `${initiator} at ${address}: stop that server, or detach the volume`,
      }))

const quiet = (context: Context): Step => ({
  id: 'freeze/quiet',
  phase: 'migrate',
  title: 'Prove that nothing writes to the databases of the source',
  after: context.recipes.flatMap((recipe) => idsOn(`${recipe.name}/stop`, context.config, 'source')),
  changes: [],
  run: nothing,
  undo: nothing,
  proof: () => askQuiet(context, sourceUnits(context.recipes)),
})
