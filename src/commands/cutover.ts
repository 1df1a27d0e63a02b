import { runChecks } from '../checks/index.ts'
import { stateOf } from '../engine/journal.ts'
import { execute } from '../engine/run.ts'
import { ofPhase, wholePlan } from '../plan.ts'
import { proveUntouched } from '../source/untouched.ts'
import { confirm } from './confirm.ts'
import { heed } from './findings.ts'
import { measureOutage } from './measure.ts'
import { showSteps } from './plan.ts'
import { type Options, preparedContext, requireDone, withSession } from './session.ts'

/** Moves the addresses, and prints the outage of each API as it was seen from here. */
export const cutover = (options: Options): Promise<void> =>
  withSession('cutover', options, async (session) => {
    const context = await preparedContext(session)
    const plan = wholePlan(context)
    requireDone(session, ofPhase(plan, 'prepare'), 'prepare')
    requireDone(session, ofPhase(plan, 'migrate'), 'migrate')
    const steps = ofPhase(plan, 'cutover')
    if (options.dryRun === true) return showSteps(session, steps)
    if (steps.every((step) => stateOf(session.journal, step.id) === 'done'))
      return session.reporter.note('The addresses have been moved already. Go back with: swapctl revert')
    if (steps.every((step) => ['pending', 'undone'].includes(stateOf(session.journal, step.id)))) {
      heed(session, await runChecks(context, { recreate: false, journal: session.journal, before: 'cutover' }))
      session.reporter.note(`source: ${await proveUntouched(context, 'quick')}`)
    }
    for (const moving of session.config.addresses)
      session.reporter.note(
        `${moving.address}/${moving.prefix} moves from ${moving.sourceInterface} of the source to ${moving.targetInterface} of the target`,
      )
    await confirm('cutover', options)
    const measuring = await measureOutage(session, context, plan, steps)
    try {
      await execute(steps, session.engine)
    } finally {
      await measuring.end()
    }
    session.reporter.note(`source: ${await proveUntouched(context)}`)
    session.reporter.note('The target serves. The old controller stands intact: swapctl revert goes back')
  })
