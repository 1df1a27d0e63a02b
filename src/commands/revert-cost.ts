import type { Context } from '../context.ts'
import { askOrphans } from '../cost/ask-orphans.ts'
import { askCost, type Cost, costFiles, costPaths } from '../cost/cost.ts'
import { orphansText } from '../cost/orphans.ts'
import { costText } from '../cost/text.ts'
import type { Entry, Journal } from '../engine/journal.ts'
import { perform } from '../engine/perform.ts'
import type { Step } from '../engine/step.ts'
import { refuse, SwapError } from '../errors.ts'
import type { Session } from './session.ts'

type Named = Pick<Step, 'id' | 'title'>

/**
 * Whether the new controller can have served clients since the first of these steps began: true once the addresses
 * began to move, even if an interrupted revert has already moved them back.
 */
export const served = ({ entries }: Pick<Journal, 'entries'>, steps: readonly Named[]): boolean => {
  const moved = entries.findLastIndex((entry) => entry.event === 'begun' && entry.step === 'cutover/move')
  const open = (entry: Entry) => entry.event === 'begun' && steps.some((step) => step.id === entry.step)
  return entries.slice(0, moved + 1).some((entry, index) => {
    const undone = entries
      .slice(index)
      .some((later) => later.event === 'undone' && 'step' in entry && later.step === entry.step)
    return open(entry) && !undone
  })
}

/** Prints and saves the list. Without a list the revert stops, unless the operator said otherwise. */
export const showCost = async (
  session: Session,
  context: Context,
  steps: readonly Named[],
  withoutList: boolean,
): Promise<Cost | undefined> => {
  const { note } = session.reporter
  if (!served(session.journal, steps)) {
    note('The addresses have not moved: the new controller has served no client, nothing is lost')
    return undefined
  }
  try {
    const cost = await askCost(context)
    await saveCost(session, context, cost)
    note(costText(cost))
    note(`Data-loss report: ${costPaths(context).text} (and .json)`)
    await tellOrphans(session, context, cost)
    return cost
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    const why = `cannot find out what the new controller has accepted since the cutover: ${error.where}: ${error.message}`
    if (!withoutList)
      throw refuse(
        'revert',
        why,
        `${error.next}\nOr revert without a data-loss report: swapctl revert --without-list`,
        error,
      )
    note(`ALARM: ${why}\nReverting without a data-loss report, as you asked: all of it is lost`)
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
 * The list once more, now that the new controller no longer serves: it accepted requests until its addresses went. Then
 * what is left on the computes. The revert is done, so errors here are only reported.
 */
export const tellAfter = async (session: Session, context: Context, shown: Cost | undefined): Promise<void> => {
  const { note } = session.reporter
  try {
    const cost = shown === undefined ? undefined : await askCost(context)
    if (cost !== undefined) {
      await saveCost(session, context, cost)
      const late = lateOnes(shown, cost)
      if (late.length > 0) note(`Accepted after the data-loss report, and lost too:\n  ${late.join('\n  ')}`)
    }
    await tellOrphans(session, context, cost)
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    note(`Cannot find out what was accepted after the data-loss report: ${error.where}: ${error.message}`)
    await tellOrphans(session, context, shown)
  }
}

const saveCost = async ({ engine }: Session, context: Context, cost: Cost): Promise<void> => {
  for (const action of costFiles(context, cost)) await perform(action, engine)
}

const tellOrphans = async ({ reporter }: Session, context: Context, cost: Cost | undefined): Promise<void> => {
  try {
    reporter.note(orphansText(await askOrphans(context, madeServers(cost))))
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    reporter.note(`Cannot find out what runs on the computes: ${error.where}: ${error.message}`)
  }
}

const outcomes = ['made', 'changed', 'gone'] as const

const lateOnes = (shown: Cost | undefined, cost: Cost): readonly string[] => {
  const names = (of: Cost | undefined): readonly string[] =>
    (of?.resources ?? []).flatMap((one) =>
      outcomes.flatMap((outcome) => one[outcome].map((thing) => `${one.what} ${thing.id} ${thing.name} (${outcome})`)),
    )
  const before = new Set(names(shown))
  return names(cost).filter((name) => !before.has(name))
}
