import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { limitsOf } from '../limits.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { toolsOf } from '../services/tools.ts'
import type { Copies } from '../target/copies.ts'
import { placeOf } from '../target/hops-env.ts'
import { hopSteps } from '../target/schema.ts'
import { callAction } from '../target/tool-calls.ts'
import { urlProperties } from '../target/tool-config.ts'
import { schemaCuresStep } from '../verify/schema-cures-step.ts'
import { schemaProofStep } from '../verify/schema-step.ts'
import { rehearseArgv } from '../verify/schema-tool.ts'
import { databasesOf } from '../verify/schema-tried.ts'
import { emptyStep, importSteps, loginStep, rehearsedId } from './fill.ts'
import { countStep, lostStep } from './rows.ts'
import { configFile, dropActions, scratchName, scratchOf, userOf } from './scratch.ts'

/**
 * A service's databases with all their rows, on copies of their own, through everything that migrate does with them up
 * to the schema proof, while the source serves. A migration that fails on a row fails here. Nothing is left behind.
 */
export const rehearseSteps = (context: Context, recipe: Recipe): readonly Step[] => {
  if (databasesOf(context, recipe).length === 0) return []
  const imports = importSteps(context, recipe)
  const count = countStep(
    context,
    recipe,
    imports.map(({ id }) => id),
  )
  const login = loginStep(context, recipe, [count.id])
  const hops = chained(hopSteps(context, recipe, copies), login.id)
  const cures = rehearsed(schemaCuresStep(context, recipe, [], scratchName), [hops.at(-1)?.id ?? login.id])
  const proof = rehearsed(schemaProofStep(context, recipe, [], scratchName), [cures.id])
  const lost = lostStep(context, recipe, [proof.id])
  return [
    emptyStep(context, recipe),
    ...imports,
    count,
    login,
    ...hops,
    cures,
    proof,
    lost,
    dropStep(context, recipe, lost.id),
  ]
}

/** A step of migrate as it is rehearsed: a broken-off rehearsal begins anew, so nothing is spoilt. */
const rehearsed = ({ spoils: _, ...step }: Step, after: readonly string[]): Step => ({
  ...step,
  id: rehearsedId(step.id),
  phase: 'rehearse',
  title: `Rehearse: ${step.title}`,
  after,
})

const chained = (steps: readonly Step[], first: string): readonly Step[] =>
  steps.map((step, index) => rehearsed(step, [index === 0 ? first : rehearsedId(steps[index - 1]?.id ?? '')]))

/**
 * The rehearsal's copies. Their tools see one config file and have no network. The target's own programs that write
 * elsewhere than in databases are left out.
 */
const copies: Copies = {
  as: scratchName,
  actions: (context, recipe, release, calls) => {
    const { schema: limit } = limitsOf(context.config)
    const own = release === findRelease(context.config.release, context.config.file)
    const place = own ? undefined : placeOf(context.config, release, recipe)
    const config = configFile(context, recipe, release.id)
    const more = urlProperties(toolsOf(recipe, release))
    return calls
      .filter((call) => !call.own)
      .map((call) => callAction(call, rehearseArgv(call.argv, place, recipe, config, limit, more), limit))
  },
}

const dropStep = (context: Context, recipe: Recipe, after: string): Step => ({
  id: `${recipe.name}/rehearse-drop`,
  phase: 'rehearse',
  service: recipe.name,
  title: `Drop the rehearsal's copies of ${databasesOf(context, recipe)
    .map((one) => one.name)
    .join(', ')}`,
  after: [after],
  changes: ['target'],
  run: async () => dropActions(context, recipe),
  undo: nothing,
  proof: () => proveGone(context, recipe),
})

const proveGone = (context: Context, recipe: Recipe): Promise<string> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const left: string[] = []
    for (const one of scratchOf(context, recipe))
      left.push(
        ...(
          await db.rows<{ name: string }>(
            'SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name = ?',
            [scratchName(one.name)],
          )
        ).map((row) => row.name),
      )
    const accounts = await db.rows<{ name: string }>('SELECT user AS name FROM mysql.user WHERE user = ?', [
      userOf(recipe),
    ])
    left.push(...accounts.map((row) => row.name))
    if (left.length > 0)
      throw new SwapError(
        'target, MariaDB',
        `still there: ${left.join(', ')}`,
        'Run: swapctl revert, which removes them',
      )
    return 'nothing of the rehearsal is left on the target'
  })
