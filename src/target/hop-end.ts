import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { countOf, type Ending, hopEndsOf } from '../hops/blockers.ts'
import { findRelease, type Release } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { databasesAt } from '../services/tools.ts'
import { type Copies, eachCopy } from './copies.ts'

/**
 * Calls without which a later hop would refuse, and that no hop makes itself: a step, if a hop's code can make them.
 */
export const hopEndSteps = (
  context: Context,
  recipe: Recipe,
  hops: readonly string[],
  index: number,
  copies: Copies,
): readonly Step[] => {
  const hop = findRelease(hops[index] ?? '')
  const later = hops.slice(index + 1).map((one) => findRelease(one))
  const repos = [...new Set(databasesAt(recipe, hop).map(({ repo }) => repo))]
  const endings = hopEndsOf(repos, hop, later)
  return endings.length === 0 ? [] : [hopEndStep(context, recipe, hop, endings, copies)]
}

const hopEndStep = (
  context: Context,
  recipe: Recipe,
  hop: Release,
  endings: readonly Ending[],
  copies: Copies,
): Step => {
  const left = () => withRows(context, recipe, hop, endings, copies)
  return {
    id: `${recipe.name}/mend-${hop.id}`,
    phase: 'migrate',
    service: recipe.name,
    title: `With the code of ${hop.id}, where needed: ${endings.map(({ mend }) => mend.argv.join(' ')).join('; ')}`,
    after: [],
    changes: ['target'],
    run: async () => {
      const mends = (await left()).map(({ mend }) => mend)
      return copies.actions(context, recipe, hop, mends)
    },
    undo: nothing,
    proof: async () => {
      const still = await left()
      if (still.length > 0)
        throw new SwapError(
          'target',
          `${still.map(({ mend, says }) => `${mend.argv.join(' ')} left ${says}`).join('; ')}`,
          `Read its output: it may exit 0 and do nothing. When ${recipe.name} is migrated again, its databases are imported again`,
        )
      return endings.map(({ blocker }) => `no ${blocker.rows}`).join('; ')
    },
  }
}

/** Those ends for which rows exist. */
const withRows = (
  context: Context,
  recipe: Recipe,
  hop: Release,
  endings: readonly Ending[],
  copies: Copies,
): Promise<readonly (Ending & { readonly says: string })[]> =>
  eachCopy(
    context,
    recipe,
    hop,
    async (db, where) => {
      const found: (Ending & { readonly says: string })[] = []
      for (const ending of endings.filter(({ blocker }) => blocker.repo === where.repo)) {
        const { rows = 0, examples = [] } = (await countOf(db, where, ending.blocker)) ?? {}
        if (rows > 0) found.push({ ...ending, says: `${rows} ${ending.blocker.rows} (${examples.join(', ')})` })
      }
      return found
    },
    copies,
  )
