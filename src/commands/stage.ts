import { runChecks } from '../checks/index.ts'
import { stateOf } from '../engine/journal.ts'
import { awaitBrokenOff, execute } from '../engine/run.ts'
import { ofPhase, wholePlan } from '../plan/plan.ts'
import { reportFindings } from './findings.ts'
import { showSteps } from './plan.ts'
import { type Options, preparedContext, refuseFrozen, refuseUnknown, requireDone, withSession } from './session.ts'

/**
 * Copies databases, files and volumes to the target while the source serves, so that the freeze has less to copy. Not
 * needed for `migrate`; run again, it brings the copy up to date, and continues one that broke off.
 */
export const stage = (options: Options): Promise<void> =>
  withSession('stage', options, async (session) => {
    refuseFrozen(session, 'stage')
    const context = await preparedContext(session)
    const plan = wholePlan(context)
    refuseUnknown(session, plan)
    requireDone(session, ofPhase(plan, 'prepare'), 'prepare')
    const steps = ofPhase(plan, 'stage')
    if (options.dryRun === true) return showSteps(session, steps)
    if (steps.length === 0)
      return session.reporter.note('Nothing to stage: no service of this cloud has databases, such files or volumes')
    await awaitBrokenOff(session.engine, session.reporter.note)
    reportFindings(session, await runChecks(context, { recreate: false, journal: session.journal, before: 'stage' }))
    // What they copied stays: only what changed since is copied now. One by one, because revert removes the copies of
    // databases by the journal.
    for (const step of steps) {
      if (stateOf(session.journal, step.id) === 'done') await session.journal.append({ event: 'undone', step: step.id })
      await execute([step], session.engine)
    }
    session.reporter.note(
      'What is staged need not be copied in the freeze, as long as it stays unchanged: of volumes the chunks of 4 MiB that differ then, of databases the rows. Next: swapctl migrate',
    )
  })
