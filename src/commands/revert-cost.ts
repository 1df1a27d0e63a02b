import type { Context } from '../context.ts'
import { askCost, type Cost, costPaths, saveCost } from '../cost/cost.ts'
import { askOrphans, orphansText } from '../cost/orphans.ts'
import { costText } from '../cost/text.ts'
import type { Step } from '../engine/step.ts'
import { refuse, SwapError } from '../errors.ts'
import type { Session } from './session.ts'

type Named = Pick<Step, 'id' | 'title'>

/** Whether anybody can have been served by the new controller: from the moment the addresses began to move. */
export const served = (steps: readonly Named[]): boolean => steps.some((step) => step.id === 'cutover/move')

/** Prints and keeps the list. Without one, nothing goes on unless the operator has said so. */
export const showCost = async (
  session: Session,
  context: Context,
  steps: readonly Named[],
  withoutList: boolean,
): Promise<Cost | undefined> => {
  const { note } = session.reporter
  if (!served(steps)) {
    note('The addresses have not moved: nobody was served by the new controller, nothing is lost')
    return undefined
  }
  try {
    const cost = await askCost(context)
    await saveCost(context, cost)
    note(costText(cost))
    note(`The whole list: ${costPaths(context).text} (and .json)`)
    note(orphansText(await askOrphans(context, madeServers(cost))))
    return cost
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    const why = `it cannot be told what the new controller has accepted since the cutover: ${error.where}: ${error.message}`
    if (!withoutList)
      throw refuse('revert', why, `${error.next}\nOr give all of it up unseen: swapctl revert --without-list`, error)
    note(`ALARM: ${why}\nGoing back without the list, as you asked: all of it is given up unseen`)
    return undefined
  }
}

const madeServers = (cost: Cost | undefined): ReadonlyMap<string, string> =>
  new Map(
    (cost?.resources ?? []).flatMap((one) =>
      one.what === 'server' ? one.made.map(({ id, name }): [string, string] => [id, name]) : [],
    ),
  )

/**
 * The list once more, now that the new controller serves nobody: it has accepted what it could until its addresses went.
 * Then what is left on the computes. The way back is done by now: what cannot be told is only said.
 */
export const tellAfter = async (session: Session, context: Context, shown: Cost | undefined): Promise<void> => {
  const { note } = session.reporter
  try {
    const cost = shown === undefined ? undefined : await askCost(context)
    if (cost !== undefined) {
      await saveCost(context, cost)
      const late = lateOnes(shown, cost)
      if (late.length > 0) note(`Accepted after the list was shown, given up as well:\n  ${late.join('\n  ')}`)
    }
    note(orphansText(await askOrphans(context, madeServers(cost))))
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    note(`What was left on the computes is not known: ${error.where}: ${error.message}`)
  }
}

const fates = ['made', 'changed', 'gone'] as const

const lateOnes = (shown: Cost | undefined, cost: Cost): readonly string[] => {
  const names = (of: Cost | undefined): readonly string[] =>
    (of?.resources ?? []).flatMap((one) =>
      fates.flatMap((fate) => one[fate].map((thing) => `${one.what} ${thing.id} ${thing.name} (${fate})`)),
    )
  const before = new Set(names(shown))
  return names(cost).filter((name) => !before.has(name))
}
