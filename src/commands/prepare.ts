import { runChecks } from '../checks/index.ts'
import type { Context } from '../context.ts'
import { stateOf, unknownSteps } from '../engine/journal.ts'
import { revertSteps } from '../engine/revert.ts'
import { awaitBrokenOff, execute } from '../engine/run.ts'
import type { Plan } from '../engine/step.ts'
import { ofPhase, wholePlan } from '../plan/plan.ts'
import { recipes } from '../services/index.ts'
import { askSurvey, saveSurvey } from '../source/survey.ts'
import { worthAnotherTry } from '../verify/schema-tried.ts'
import { tryStepIds } from '../verify/schema-try.ts'
import { reportFindings } from './findings.ts'
import { showSteps } from './plan.ts'
import { clearRehearsal } from './rehearsal.ts'
import { contextOf, type Options, refuseFrozen, type Session, withSession } from './session.ts'

export interface PrepareOptions extends Options {
  /** swapctl may drop databases of an earlier cloud on the target */
  readonly recreate?: boolean
}

/** Asks both sides, refuses what cannot work, backs up the source and builds the target. The source keeps serving. */
export const prepare = (options: PrepareOptions): Promise<void> =>
  withSession('prepare', options, async (session) => {
    // After the freeze a new survey would find the services stopped and record that as their state.
    refuseFrozen(session, 'prepare')
    if (options.dryRun !== true) await awaitBrokenOff(session.engine, session.reporter.note)
    session.reporter.note('checking both sides')
    const survey = await askSurvey(session.config, session.hosts, recipes)
    const context = contextOf(session, survey)
    reportFindings(session, await runChecks(context, { recreate: options.recreate === true, journal: session.journal }))
    const plan = wholePlan(context)
    const steps = ofPhase(plan, 'prepare')
    if (options.dryRun === true) return showSteps(session, steps)
    await clearRehearsal(session)
    await forgetGone(session, plan)
    await saveSurvey(session.config.state, survey)
    await forgetTried(session, context)
    await execute(steps, session.engine)
    session.reporter.note('The target is ready; no OpenStack service runs on it yet. Next: swapctl migrate')
  })

/**
 * Steps of an earlier prepare that are no longer in the plan, because the cloud, the settings or swapctl changed:
 * undone, and named.
 */
const forgetGone = async ({ engine, journal, reporter }: Session, plan: Plan): Promise<void> => {
  const gone = unknownSteps(journal, plan)
  if (gone.length === 0) return
  reporter.note(`undone because no longer in the plan: ${gone.map(({ id }) => id).join(', ')}`)
  await revertSteps(gone, engine)
  // A step that was found done never began and has nothing to undo.
  for (const { id } of gone) if (stateOf(journal, id) === 'done') await journal.append({ event: 'undone', step: id })
}

/** Schemas that differed are tried again: they may have been corrected on the source. */
const forgetTried = async (session: Session, context: Context): Promise<void> => {
  for (const recipe of context.recipes) {
    const ids = tryStepIds(recipe)
    if (!ids.every((id) => stateOf(session.journal, id) === 'done') || !(await worthAnotherTry(context, recipe)))
      continue
    for (const step of ids) await session.journal.append({ event: 'undone', step })
  }
}
