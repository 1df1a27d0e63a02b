import { askCreated, createdText } from '../cutover/created.ts'
import { describe } from '../engine/describe.ts'
import { openSteps, undoOf } from '../engine/journal.ts'
import { revertSteps } from '../engine/revert.ts'
import type { Step } from '../engine/step.ts'
import { savedFingerprint } from '../source/fingerprint.ts'
import { proveServing } from '../source/inventory.ts'
import { proveUntouched } from '../source/untouched.ts'
import { confirm } from './confirm.ts'
import { type Options, preparedContext, type Session, withSession } from './session.ts'

/**
 * Brings the old cloud back from wherever the swap stands: every undo of migrate and cutover, newest first, as the
 * journal holds them.
 */
export const revert = (options: Options): Promise<void> =>
  withSession('revert', options, async (session) => {
    const context = await preparedContext(session)
    const steps = openSteps(session.journal, ['migrate', 'cutover'])
    if (steps.length === 0) return session.reporter.note('Nothing is to be undone: the old cloud was not touched')
    session.reporter.note(createdText(await askCreated(context)))
    if (options.dryRun === true) return showUndo(session, steps)
    await confirm('revert', options)
    if ((await savedFingerprint(context)) !== undefined && steps.some((step) => step.id === 'freeze/fingerprint'))
      session.reporter.note(`before the way back: ${await alarm(proveUntouched(context, 'quick'))}`)
    await revertSteps(steps, session.engine)
    session.reporter.note(
      steps.some((step) => step.id.endsWith('/close'))
        ? `The old cloud is back: ${await proveServing(context)}`
        : 'Everything is undone; none of the services of the old cloud had to be started',
    )
  })

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
