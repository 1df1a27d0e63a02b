import { runChecks } from '../checks/index.ts'
import { newestFirst } from '../engine/journal.ts'
import { awaitBrokenOff, execute } from '../engine/run.ts'
import { refuse } from '../errors.ts'
import { ofPhase, wholePlan } from '../plan.ts'
import { recipes } from '../services/index.ts'
import { askSurvey, saveSurvey } from '../source/survey.ts'
import { heed } from './findings.ts'
import { showSteps } from './plan.ts'
import { contextOf, type Options, type Session, withSession } from './session.ts'

export interface PrepareOptions extends Options {
  /** the target's databases of an earlier cloud may be dropped */
  readonly recreate?: boolean
}

/** Asks both sides, refuses what cannot work, backs the source up and stands up the target. The source keeps serving. */
export const prepare = (options: PrepareOptions): Promise<void> =>
  withSession('prepare', options, async (session) => {
    refuseFrozen(session)
    if (options.dryRun !== true) await awaitBrokenOff(session.engine, session.reporter.note)
    session.reporter.note('asking both sides')
    const survey = await askSurvey(session.config, session.hosts, recipes)
    const context = contextOf(session, survey)
    heed(session, await runChecks(context, { recreate: options.recreate === true, journal: session.journal }))
    const steps = ofPhase(wholePlan(context), 'prepare')
    if (options.dryRun === true) return showSteps(session, steps)
    await saveSurvey(session.config.state, survey)
    await execute(steps, session.engine)
    session.reporter.note('The target stands and nothing of OpenStack runs on it. Next: swapctl migrate')
  })

/** Once the freeze has begun, asking the source again would find its services stopped, and take that for its state. */
const refuseFrozen = (session: Session): void => {
  const begun = newestFirst(session.journal, ['migrate', 'cutover'])
  if (begun.length > 0)
    throw refuse(
      'prepare',
      `the swap is past it: ${begun[0]} has begun`,
      'Go on with swapctl migrate, or go back: swapctl revert',
    )
}
