import type { Context } from '../context.ts'
import { type Action, exec, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { Recipe, Role } from '../services/recipe.ts'
import { askInFlight, type InFlight } from './in-flight.ts'
import { askSessions } from './iscsi-sessions.ts'
import { askQuiet } from './quiet.ts'
import { askUnits, sourceUnits, type Unit, unitsOf } from './units.ts'

export interface FreezeOptions {
  /** go on although these are under way: the operator has looked at them */
  readonly acceptInFlight: boolean
  /** seconds an operation in flight is given to end */
  readonly patience: number
}

/**
 * The steps that bring the old controller to a stand: service by service, those that use others first, APIs before
 * workers, so that what is in flight can still end. The undo starts what ran, and nothing else.
 */
export const freezeSteps = (context: Context, options: FreezeOptions, after: readonly string[]): readonly Step[] => [
  ...context.recipes.flatMap((recipe) => [close(context, recipe, options, after), stop(context, recipe)]),
  quiet(context),
]

/** Services that call this one take no requests any more, and have ended what they had, before it closes. */
const users = (recipe: Recipe, all: readonly Recipe[]): readonly string[] =>
  all.filter((other) => other.after.includes(recipe.name)).map((other) => `${other.name}/close`)

const close = (context: Context, recipe: Recipe, options: FreezeOptions, after: readonly string[]): Step => ({
  id: `${recipe.name}/close`,
  phase: 'migrate',
  service: recipe.name,
  title: `Stop the ${recipe.name} API on the source and let what is in flight end`,
  after: [...after, ...users(recipe, context.recipes)],
  ...halt(
    context,
    recipe.source.filter((role) => role.api),
    recipe.source,
  ),
  proof: () => waitForFlights(context, recipe, options),
})

const stop = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/stop`,
  phase: 'migrate',
  service: recipe.name,
  title: `Stop the ${recipe.name} workers on the source`,
  after: [`${recipe.name}/close`],
  ...halt(
    context,
    recipe.source.filter((role) => !role.api),
    [],
  ),
  proof: async () => {
    const units = await askUnits(context.hosts('source'), unitsOf(recipe.source))
    const active = units.filter((unit) => unit.active).map((unit) => unit.name)
    if (active.length > 0)
      throw new SwapError('source', `still running: ${active.join(', ')}`, 'See why systemd does not stop them')
    return `${units.filter((unit) => unit.exists).length} units stopped and masked`
  },
})

/**
 * Masked, not only stopped: neither a reboot nor a package's timer may wake them while their data is being carried away.
 * Stopped first: of a masked unit systemd knows neither ExecStop (tgtd ends by nothing else) nor TimeoutStopSec any more.
 * `awake`: the roles whose units the undo starts, where they ran. Workers are stopped while other services still close,
 * and start with their API again: by then everything they call is there (nova-conductor gives up without keystone).
 */
const halt = (context: Context, roles: readonly Role[], awake: readonly Role[]): Pick<Step, 'run' | 'undo'> => {
  const source = () => context.hosts('source')
  const files = async (some: readonly Role[], which: (unit: Unit) => boolean): Promise<readonly string[]> =>
    (await askUnits(source(), unitsOf(some))).filter(which).map((unit) => `${unit.name}.service`)
  const stoppable = () => files(roles, (unit) => unit.exists && !unit.masked)
  return {
    run: async () => {
      const names = await stoppable()
      return names.length === 0 ? [] : [...stopUnits('source', names), exec('source', 'systemctl', 'mask', ...names)]
    },
    undo: async () => {
      const names = await stoppable()
      const ran = await files(awake, (unit) => unit.active)
      return [
        ...(names.length === 0 ? [] : [exec('source', 'systemctl', 'unmask', ...names)]),
        ...(ran.length === 0 ? [] : startUnits('source', ran)),
      ]
    },
  }
}

/** systemd before 250 refuses for a unit that is not loaded, which cannot have failed either. */
const forgive = (on: 'source' | 'target', names: readonly string[]): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-c', 'systemctl reset-failed "$@" || :', 'reset-failed', ...names],
  limit: 30,
})

/** Stopped, and nothing else: one that systemd had to kill (heat-engine, after its 15 s) is 'failed', as if it should run. */
export const stopUnits = (on: 'source' | 'target', names: readonly string[]): readonly Action[] => [
  { kind: 'exec', on, argv: ['systemctl', 'stop', ...names], limit: 180 },
  forgive(on, names),
]

/** reset-failed first: a unit that systemd gave up on ("start attempted too often") does not start otherwise. */
export const startUnits = (on: 'source' | 'target', names: readonly string[]): readonly Action[] => [
  forgive(on, names),
  { kind: 'exec', on, argv: ['systemctl', 'start', ...names], limit: 180 },
]

const waitForFlights = async (context: Context, recipe: Recipe, options: FreezeOptions): Promise<string> => {
  const source: Host = context.hosts('source')
  const databases = context.survey.services.find((s) => s.name === recipe.name)?.databases.map((d) => d.name) ?? []
  const until = Date.now() + options.patience * 1000
  for (;;) {
    const flights = [...(await askInFlight(source, recipe.name, databases)), ...(await askOpenDisks(source, recipe))]
    if (flights.length === 0) return 'nothing in flight'
    const named = flights.map((flight) => `${flight.what} ${flight.id} (${flight.state})`).join('\n  ')
    if (options.acceptInFlight) return `accepted in flight: ${named.replaceAll('\n  ', ', ')}`
    if (Date.now() > until)
      throw new SwapError(
        'source',
        `after ${options.patience} s still in flight:\n  ${named}`,
        'Mend or end them (swapctl revert starts the API again), or go on with --accept-in-flight',
      )
    await new Promise((wake) => setTimeout(wake, 1000))
  }
}

/** A guest with a disk on the old machine would go on writing to the old copy, or lose its disk when the portal stops. */
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
  title: 'Prove that nothing writes to the databases of the source any more',
  after: context.recipes.map((recipe) => `${recipe.name}/stop`),
  run: nothing,
  undo: nothing,
  proof: () => askQuiet(context, sourceUnits(context.recipes)),
})
