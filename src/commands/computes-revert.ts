import { isRetarget } from '../computes/retarget-step.ts'
import { openSteps } from '../engine/journal.ts'
import { revertSteps } from '../engine/revert.ts'
import { confirm } from './confirm.ts'
import { tellLeft } from './left.ts'
import { showUndo } from './revert.ts'
import { type Options, withSession } from './session.ts'

/**
 * Puts the settings of all computes back as `computes retarget` found them. Exit code 1 when something is left: a compute
 * that gives no answer, a file that was changed meanwhile.
 */
export const revertComputes = (options: Options): Promise<void> =>
  withSession('computes revert', options, async (session) => {
    const { note } = session.reporter
    const steps = openSteps(session.journal, ['cutover']).filter(isRetarget)
    if (steps.length === 0) return note('Nothing to undo: no settings of a compute were rewritten')
    if (options.dryRun === true) return showUndo(session, steps)
    await confirm('revert', options)
    const partly = await revertSteps(steps, session.engine)
    tellLeft(session)
    for (const { id, left } of partly) note(`still to undo, from ${id}: ${left.join('; ')}`)
    note(`${steps.length - partly.length} of ${steps.length} computes have their old settings again`)
    if (partly.length === 0) return
    note('Once this is put right, run the same command again')
    process.exitCode = 1
  })
