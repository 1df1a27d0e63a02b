import type { Context } from '../context.ts'
import { describe } from '../engine/describe.ts'
import { openSteps, stateOf, undoOf } from '../engine/journal.ts'
import { type Partly, revertSteps } from '../engine/revert.ts'
import type { Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { HostName, SideMachine } from '../hosts/host.ts'
import { membersOf, said as place } from '../hosts/sides.ts'
import { ofPhase, wholePlan } from '../plan/plan.ts'
import { leftOfRehearsal } from '../rehearse/left.ts'
import { fingerprintId, savedFingerprint } from '../source/fingerprint.ts'
import { isClose } from '../source/freeze.ts'
import { proveServing } from '../source/inventory-frozen.ts'
import { stagedDatabases } from '../staged/steps.ts'
import { proveUntouched } from '../verify/untouched.ts'
import { confirm } from './confirm.ts'
import { tellLeft } from './left.ts'
import { served, showCost, tellAfter } from './revert-cost.ts'
import { type Options, preparedContext, type Session, withSession } from './session.ts'

export interface RevertOptions extends Options {
  /**
   * revert even if it cannot be told what the new controller has accepted; a target that does not answer is left alone
   */
  readonly withoutList?: boolean
}

type Named = Pick<Step, 'id' | 'title'>

/**
 * Restores the old cloud from any point of the swap: performs every undo of migrate and cutover, and of an unfinished
 * prepare or rehearsal, newest first, from the journal. After a cutover it first lists what will be lost.
 */
export const revert = (options: RevertOptions): Promise<void> =>
  withSession('revert', options, async (session) => {
    const context = await preparedContext(session)
    const begun = openSteps(session.journal, ['migrate', 'cutover'])
    // The freeze needs a finished prepare, so a revert from there needs no plan.
    const steps = [
      ...(begun.length > 0 ? begun : unfinishedPrepare(session, context)),
      ...leftOfRehearsal(session.journal),
      ...stagedDatabases(session.journal),
    ]
    if (steps.length === 0) return session.reporter.note('Nothing to undo: the old cloud was not touched')
    const cost = await showCost(session, context, steps, options.withoutList === true)
    if (options.dryRun === true) return showUndo(session, steps)
    await confirm('revert', options)
    if ((await savedFingerprint(context)) !== undefined && steps.some((step) => step.id === fingerprintId))
      session.reporter.note(`before the revert: ${await alarm(proveUntouched(context, 'quick'))}`)
    const wasServed = served(session.journal, steps)
    const lost = await askLost(session, options.withoutList === true)
    const partly = await revertSteps(steps, session.engine, lost)
    if (partly.length > 0) session.reporter.note(leftText(context, partly, lost))
    tellLeft(session)
    if (wasServed) await tellAfter(session, context, cost)
    session.reporter.note(
      steps.some((step) => isClose(step.id))
        ? `The old cloud is back: ${await proveServing(context)}`
        : 'Everything is undone; no service of the old cloud had to be started',
    )
  })

/**
 * An interrupted prepare has replaced files and created databases for trials. A finished one has cleaned up: what it
 * installed stays, and a later migrate uses it.
 */
const unfinishedPrepare = ({ journal }: Session, context: Context): readonly Named[] => {
  const finished = ofPhase(wholePlan(context), 'prepare').every((step) => stateOf(journal, step.id) === 'done')
  if (finished) return []
  return openSteps(journal, ['prepare']).filter((step) => (undoOf(journal, step.id) ?? []).length > 0)
}

/** A machine that is up without its database is not lost: its units are still stopped as they should be. */
const askLost = async (
  { config, hosts, reporter }: Session,
  withoutTarget: boolean,
): Promise<readonly SideMachine[]> => {
  // The revert leads back to the source's first machine: without it there is no revert.
  const names: readonly SideMachine[] = [
    ...(withoutTarget ? (['target'] as const) : []),
    ...membersOf(config, 'source').slice(1),
  ]
  const lost = async (name: SideMachine): Promise<readonly SideMachine[]> => {
    try {
      await hosts(name).run({ argv: ['true'], limit: 30 })
      return []
    } catch (error) {
      if (!(error instanceof SwapError)) throw error
      reporter.note(`ALARM: ${place(name)} does not answer (${error.message}): nothing was undone there`)
      return [name]
    }
  }
  return (await Promise.all(names.map(lost))).flat()
}

const leftText = ({ config }: Context, partly: readonly Partly[], lost: readonly HostName[]): string =>
  [
    ...(lost.includes('target') ? [targetText(config, partly)] : []),
    ...partly.flatMap((step) => step.left.map((text) => `still to undo by hand, from ${step.id}: ${text}`)),
    'Once these machines answer, run: swapctl revert',
  ].join('\n')

const targetText = (config: Context['config'], partly: readonly Named[]): string =>
  [
    `ALARM: not undone on the target: ${partly.map((step) => step.id).join(', ')}`,
    `When it boots, it takes ${config.addresses.map((it) => it.address).join(', ')} again while the old controller holds them too.`,
    'Keep it off the network; boot it there, then run: swapctl revert',
  ].join('\n')

/** A changed source is reported loudly, but does not stop the revert. */
const alarm = async (proof: Promise<string>): Promise<string> => {
  try {
    return await proof
  } catch (error) {
    return `ALARM: ${(error as Error).message}`
  }
}

export const showUndo = (session: Session, steps: readonly Pick<Step, 'id'>[]): void => {
  for (const { id } of steps)
    session.reporter.note(
      [id, ...(undoOf(session.journal, id) ?? []).flatMap((action) => describe(action))].join('\n    '),
    )
}
