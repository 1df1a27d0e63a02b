import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import type { Cures } from '../hops/blockers.ts'
import type { Argv } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import { findRelease, type Release } from '../releases/release.ts'
import type { Recipe, Sync } from '../services/recipe.ts'
import { toolsOf } from '../services/tools.ts'
import type { Copies } from './copies.ts'
import { hopArgv, ownArgv, type Place, placeOf } from './hops-env.ts'
import { type SchemaAccount, schemaAccount } from './schema-account.ts'

/** A call of a schema tool. `mayRefuse`: later calls fix what it refuses. */
export interface Call extends Sync {
  readonly mayRefuse?: true
  /** as root, with the target's own program */
  readonly own?: true
}

/**
 * The calls of a release's tools, in order: fixes that come first, its sync, its data migrations. If there are, or may
 * be, rows that its own sync refuses, the sync may fail once; then come the fixes, and the whole sync again.
 */
export const callsOf = (recipe: Recipe, release: Release, cures: readonly Cures[]): readonly Call[] => {
  const { sync, online } = toolsOf(recipe, release)
  const afterRefusal = cures.flatMap((one) => one.afterRefusal)
  const refused = afterRefusal.length === 0 ? [] : sync.map((one): Call => ({ ...one, mayRefuse: true }))
  return [...cures.flatMap((one) => one.before), ...refused, ...afterRefusal, ...sync, ...online]
}

/** The calls as actions: on the target itself or in a hop's environment, with their own account if they need one. */
export const toolActions = (
  context: Context,
  recipe: Recipe,
  release: Release,
  calls: readonly Call[],
): readonly Action[] => {
  if (calls.length === 0) return []
  const account = schemaAccount(context, recipe, release)
  const hop =
    release === findRelease(context.config.release, context.config.file)
      ? undefined
      : placeOf(context.config, release, recipe)
  const actions = calls.map((call) => toolAction(context, recipe, hop, call, account))
  return account === undefined ? actions : [...account.create, ...actions, ...account.remove]
}

const toolAction = (
  context: Context,
  { user }: Recipe,
  hop: Place | undefined,
  call: Call,
  account: SchemaAccount | undefined,
): Action => {
  const { schema: limit } = limitsOf(context.config)
  if (call.own) return { kind: 'exec', on: 'target', argv: ownArgv(call.argv, 'root', limit), limit }
  const argv = account?.argv(call.argv) ?? call.argv
  return callAction(
    call,
    hop === undefined
      ? ownArgv(argv, user, limit, account?.properties)
      : hopArgv(hop, argv, user, limit, account?.properties),
    limit,
  )
}

/** A call as it is run: `argv` leads to its program, `limit` is in seconds. */
export const callAction = ({ again, mayRefuse }: Call, argv: Argv, limit: number): Action => ({
  kind: 'exec',
  on: 'target',
  argv,
  limit,
  ...(again === undefined ? {} : { again }),
  ...(mayRefuse ? { mayRefuse: true as const } : {}),
})

/** The copies that migrate makes, which will serve. */
export const serving: Copies = { as: (database) => database, actions: toolActions }
