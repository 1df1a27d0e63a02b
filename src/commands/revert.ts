import type { Context } from '../context.ts'
import { describe } from '../engine/describe.ts'
import { openSteps, undoOf } from '../engine/journal.ts'
import { revertSteps } from '../engine/revert.ts'
import type { Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { savedFingerprint } from '../source/fingerprint.ts'
import { proveServing } from '../source/inventory.ts'
import { proveUntouched } from '../source/untouched.ts'
import { confirm } from './confirm.ts'
import { served, showCost, tellAfter } from './revert-cost.ts'
import { type Options, preparedContext, type Session, withSession } from './session.ts'

export interface RevertOptions extends Options {
  /** go back although it cannot be told what the new controller has accepted; a target that does not answer is left alone */
  readonly withoutList?: boolean
}

type Named = Pick<Step, 'id' | 'title'>

/**
 * Brings the old cloud back from wherever the swap stands: every undo of migrate and cutover, newest first, as the
 * journal holds them. After a cutover it first lists what is given up by it.
 */
export const revert = (options: RevertOptions): Promise<void> =>
  withSession('revert', options, async (session) => {
    const context = await preparedContext(session)
    const steps = openSteps(session.journal, ['migrate', 'cutover'])
    if (steps.length === 0) return session.reporter.note('Nothing is to be undone: the old cloud was not touched')
    const cost = await showCost(session, context, steps, options.withoutList === true)
    if (options.dryRun === true) return showUndo(session, steps)
    await confirm('revert', options)
    if ((await savedFingerprint(context)) !== undefined && steps.some((step) => step.id === 'freeze/fingerprint'))
      session.reporter.note(`before the way back: ${await alarm(proveUntouched(context, 'quick'))}`)
    const wasServed = served(session.journal, steps)
    const lost = options.withoutList === true ? await askLost(session) : []
    const partly = await revertSteps(steps, session.engine, lost)
    if (partly.length > 0) session.reporter.note(leftText(context, partly))
    if (wasServed) await tellAfter(session, context, cost)
    session.reporter.note(
      steps.some((step) => step.id.endsWith('/close'))
        ? `The old cloud is back: ${await proveServing(context)}`
        : 'Everything is undone; none of the services of the old cloud had to be started',
    )
  })

/** A machine that is up but whose database is not is no lost one: its units are stopped as they should be. */
const askLost = async ({ hosts, reporter }: Session): Promise<readonly HostName[]> => {
  try {
    await hosts('target').run({ argv: ['true'], limit: 30 })
    return []
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    reporter.note(`ALARM: the target does not answer (${error.message}): what is to be undone there is left`)
    return ['target']
  }
}

const leftText = ({ config }: Context, partly: readonly Named[]): string =>
  [
    `ALARM: not undone on the target: ${partly.map((step) => step.id).join(', ')}`,
    `When it boots it takes ${config.addresses.map((it) => it.address).join(', ')} again, beside the old controller.`,
    'Keep it off the network; boot it there, then run: swapctl revert',
  ].join('\n')

/** A changed source is told loudly, but never a reason not to go back to it. */
const alarm = async (proof: Promise<string>): Promise<string> => {
  try {
    return await proof
  } catch (error) {
    return `ALARM: ${(error as Error).message}`
  }
}

const showUndo = (session: Session, steps: readonly Pick<Step, 'id'>[]): void => {
  for (const { id } of steps)
    session.reporter.note(
      [id, ...(undoOf(session.journal, id) ?? []).flatMap((action) => describe(action))].join('\n    '),
    )
}
