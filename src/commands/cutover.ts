import { runChecks } from '../checks/index.ts'
import type { Context } from '../context.ts'
import { attempt } from '../cutover/attempt.ts'
import { greenOf } from '../cutover/outage/green-step.ts'
import { readyId } from '../cutover/postpone.ts'
import { asBegun, confirms } from '../cutover/rollback/data.ts'
import { type Journal, stateOf } from '../engine/journal.ts'
import { execute, fallen, renew } from '../engine/run.ts'
import { refuse } from '../errors.ts'
import { defaultFreeze, ofPhase, wholePlan } from '../plan/plan.ts'
import { proveUntouched } from '../verify/untouched.ts'
import { confirm } from './confirm.ts'
import { tellComputes, withComputes } from './cutover-computes.ts'
import { refuseNowhere } from './files.ts'
import { reportFindings } from './findings.ts'
import { tellLeft } from './left.ts'
import { type Measuring, measureOutage } from './measure.ts'
import { showSteps } from './plan.ts'
import {
  type Options,
  preparedContext,
  refuseOtherMembers,
  refuseUnknown,
  requireDone,
  type Session,
  withSession,
} from './session.ts'

export interface CutoverCommandOptions extends Options {
  /** seconds; overrides the settings */
  readonly budget?: number
  readonly retries: number
  readonly postponeFile?: string
  readonly panicFile?: string
}

/** Seconds between two attempts: the obstacle may be gone by then. */
const pause = 10

const unarmed = (file: string): Error =>
  refuse(
    file,
    '--retries and --panic-file need automatic rollback, but [cutover] budget is off or was off when this cutover began',
    'Drop these options; if the cutover has not begun, you can give --budget SECONDS or remove that line from the settings instead',
  )

const withBudget = (context: Context, budget: number | undefined, journal: Journal): Context =>
  budget === undefined ? context : { ...context, config: asBegun({ ...context.config, budget }, journal) }

const confirmMoves = async ({ config, reporter }: Session, options: CutoverCommandOptions): Promise<void> => {
  for (const moving of config.addresses)
    reporter.note(
      `${moving.address}/${moving.prefix} moves from ${moving.sourceInterface} on the source to ${moving.targetInterface} on the target`,
    )
  await confirm('cutover', options)
}

/** Moves the addresses and prints the outage of each API as seen from here. */
export const cutover = async (options: CutoverCommandOptions): Promise<void> => {
  // A file in no directory would never postpone, and never appear.
  if (options.postponeFile !== undefined) refuseNowhere('--postpone-file', options.postponeFile)
  if (options.panicFile !== undefined) refuseNowhere('--panic-file', options.panicFile)
  await withSession('cutover', options, async (session) => {
    const { budget, postponeFile, panicFile, retries } = options
    const context = withBudget(await preparedContext(session), budget, session.journal)
    refuseOtherMembers(context)
    if (!confirms(context) && (retries > 0 || panicFile !== undefined)) throw unarmed(session.config.file)
    const { signal } = session.engine
    const begin = () => measuring.begin()
    const plan = wholePlan(context, defaultFreeze, {
      green: async (limit, stop) => greenOf(await begin())(limit, stop),
      ready: begin,
      ...(postponeFile === undefined ? {} : { postponeFile }),
      ...(signal === undefined ? {} : { signal }),
    })
    refuseUnknown(session, plan)
    requireDone(session, ofPhase(plan, 'prepare'), 'prepare')
    requireDone(session, ofPhase(plan, 'migrate'), 'migrate')
    const steps = ofPhase(plan, 'cutover')
    const measuring: Measuring = measureOutage(session, context, plan, steps)
    if (options.dryRun === true) return showSteps(session, steps)
    if (steps.every((step) => stateOf(session.journal, step.id) === 'done'))
      return session.reporter.note('The addresses have already moved. To go back: swapctl revert')
    const fresh = steps.every((step) => ['pending', 'undone'].includes(stateOf(session.journal, step.id)))
    // One that has begun goes by what both sides say, and must go on when the source is silent.
    const gone = fresh ? await fallen(ofPhase(plan, 'migrate'), session.engine) : []
    if (gone.length > 0) {
      session.reporter.note(`${gone.map(({ id }) => id).join(', ')}: gone, and restored before anything else`)
      await confirmMoves(session, options)
      await renew(gone, session.engine)
    }
    if (fresh) {
      reportFindings(
        session,
        await runChecks(context, { recreate: false, journal: session.journal, before: 'cutover' }),
      )
      session.reporter.note(`source: ${await proveUntouched(context, 'quick')}`)
      await tellComputes(session, context, steps)
    }
    if (gone.length === 0) await confirmMoves(session, options)
    try {
      // Otherwise measuring begins when the operator ends the postponement, maybe hours from now.
      if (stateOf(session.journal, readyId) === 'done') await begin()
      const attempts = { retries, pause, ...(panicFile === undefined ? {} : { panicFile }) }
      await withComputes(session, context, steps, (some) =>
        confirms(context) ? attempt(some, session.engine, attempts) : execute(some, session.engine),
      )
    } finally {
      await measuring.end()
      tellLeft(session)
    }
    session.reporter.note(`source: ${await proveUntouched(context)}`)
    session.reporter.note('The target serves. The old controller is intact: swapctl revert goes back to it')
  })
}
