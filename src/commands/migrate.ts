import { runChecks } from '../checks/index.ts'
import { stateOf } from '../engine/journal.ts'
import { execute, fallen, renew } from '../engine/run.ts'
import type { Plan } from '../engine/step.ts'
import { refuse } from '../errors.ts'
import { ofPhase, ofServices, wholePlan } from '../plan/plan.ts'
import { recipeOf } from '../services/index.ts'
import { isFrozen, proveUntouched } from '../verify/untouched.ts'
import { reportFindings } from './findings.ts'
import { watchingFreeze } from './measure.ts'
import { showSteps } from './plan.ts'
import { clearRehearsal } from './rehearsal.ts'
import {
  type Options,
  preparedContext,
  refuseOtherMembers,
  refuseUnknown,
  requireDone,
  type Session,
  withSession,
} from './session.ts'

export interface MigrateOptions extends Options {
  readonly service: readonly string[]
  readonly acceptInFlight?: boolean
  /** seconds */
  readonly patience: number
}

/** Freezes the source and migrates all services, or the named ones, to the target. */
export const migrate = async (options: MigrateOptions): Promise<void> => {
  for (const one of options.service) recipeOf(one)
  await withSession('migrate', options, async (session) => {
    const context = await preparedContext(session)
    refuseOtherMembers(context)
    const freeze = { acceptInFlight: options.acceptInFlight === true, patience: options.patience }
    const plan = wholePlan(context, freeze)
    refuseUnknown(session, plan)
    requireDone(session, ofPhase(plan, 'prepare'), 'prepare')
    const all = ofPhase(plan, 'migrate')
    refuseEarly(session, all, options.service)
    const steps = ofServices(all, options.service, (id) => stateOf(session.journal, id) === 'done')
    if (options.dryRun === true) return showSteps(session, steps)
    await clearRehearsal(session)
    await renew(await fallen(all, session.engine), session.engine)
    if (!begun(session, all))
      reportFindings(
        session,
        await runChecks(context, { recreate: false, journal: session.journal, before: 'migrate' }),
      )
    await watchingFreeze(session, context, plan, () => execute(steps, session.engine))
    if (await isFrozen(context)) session.reporter.note(`source: ${await proveUntouched(context, 'quick')}`)
    const open = all.filter((step) => stateOf(session.journal, step.id) !== 'done')
    session.reporter.note(
      open.length === 0
        ? 'Everything runs on the target; no client reaches it yet. Next: swapctl cutover (or go back: swapctl revert)'
        : `Still to migrate: ${[...new Set(open.map((step) => step.service))].join(', ')}`,
    )
  })
}

const begun = (session: Session, steps: Plan): boolean =>
  steps.some((step) => !['pending', 'undone'].includes(stateOf(session.journal, step.id)))

/** Refuses services whose dependencies have not been migrated, naming those. */
const refuseEarly = (session: Session, steps: Plan, services: readonly string[]): void => {
  const finished = (name: string): boolean =>
    steps.filter((step) => step.service === name).every((step) => stateOf(session.journal, step.id) === 'done')
  const early = services.flatMap((name) =>
    recipeOf(name).after.filter(
      (other) => steps.some((s) => s.service === other) && !services.includes(other) && !finished(other),
    ),
  )
  if (early.length === 0) return
  const first = [...new Set(early)]
  throw refuse(
    `--service ${services.join(' --service ')}`,
    `these services must be migrated first: ${first.join(', ')}`,
    `Run: swapctl migrate ${first.map((name) => `--service ${name}`).join(' ')}`,
  )
}
