import type { Context } from '../context.ts'
import { type Journal, stateOf } from '../engine/journal.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Difference } from './difference.ts'
import type { Part } from './parts.ts'

/** The result of one part. */
export interface Answer {
  readonly part: Difference['part']
  readonly title: string
  /** 'failed': it could not be asked, so nothing is known */
  readonly state: 'equal' | 'different' | 'not yet' | 'failed'
  /** services that were asked */
  readonly services: readonly string[]
  /** why others were not asked, or why it failed */
  readonly why: readonly string[]
  /** what was examined */
  readonly says: string
  readonly seconds: number
  readonly differences: readonly Difference[]
}

/** Asks one part about the services for which that is possible at this point of the swap. */
export const askPart = async (
  part: Part,
  context: Context,
  recipes: readonly Recipe[],
  journal: Pick<Journal, 'entries'>,
): Promise<Answer> => {
  const began = Date.now()
  const waiting = new Map(recipes.map((recipe) => [recipe, openSteps(part, context, recipe, journal)]))
  const ready = recipes.filter((recipe) => waiting.get(recipe)?.length === 0)
  const why = waitingText([...waiting.values()].flat())
  const base = { part: part.part, title: part.title, services: ready.map(({ name }) => name) }
  if (ready.length === 0) return { ...base, state: 'not yet', why, says: '', seconds: 0, differences: [] }
  try {
    const { differences, says = '' } = await part.ask(context, ready)
    const state = differences.length === 0 ? 'equal' : 'different'
    return { ...base, state, why, says, seconds: (Date.now() - began) / 1000, differences }
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    const failed = `${error.where}: ${error.message}\n${error.next}`
    return {
      ...base,
      state: 'failed',
      why: [failed, ...why],
      says: '',
      seconds: (Date.now() - began) / 1000,
      differences: [],
    }
  }
}

/** A failed step has been asked, and its findings are to be shown. */
const openSteps = (
  part: Part,
  context: Context,
  recipe: Recipe,
  journal: Pick<Journal, 'entries'>,
): readonly string[] => part.after(context, recipe).filter((id) => !['done', 'failed'].includes(stateOf(journal, id)))

const waitingText = (ids: readonly string[]): readonly string[] => {
  const all = [...new Set(ids)]
  return all.length === 0 ? [] : [`not done yet: ${all.join(', ')}`]
}
