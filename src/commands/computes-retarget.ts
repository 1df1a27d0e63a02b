import { retargetAll } from '../computes/retarget-all.ts'
import { retargetId, retargetSteps, settledId } from '../computes/retarget-step.ts'
import { askWorks, isBusy, type Work } from '../computes/work.ts'
import { endText, shownWork, worksText, workText } from '../computes/work-text.ts'
import type { Context } from '../context.ts'
import { computesOf } from '../cutover/handover/neighbours.ts'
import { reportStep } from '../cutover/outage/reports.ts'
import { stateOf } from '../engine/journal.ts'
import type { Step } from '../engine/step.ts'
import { refuse, SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { ownName } from '../hosts/sides.ts'
import { wholePlan } from '../plan/plan.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { confirm } from './confirm.ts'
import { tellLeft } from './left.ts'
import { type Options, preparedContext, refuseUnknown, type Session, withSession } from './session.ts'

export interface RetargetOptions extends Options {
  /** the name of the compute to begin with */
  readonly canary?: string
  readonly batch: number
  readonly withCuts?: boolean
}

type Asked = Awaited<ReturnType<typeof askWorks>>

/**
 * Lets the settings of all computes lead to the target where they lead to an own address of the old controller: one
 * compute first, the others after its proof. Exit code 1 when a compute failed or is left for later.
 */
export const retargetComputes = (options: RetargetOptions): Promise<void> =>
  withSession('computes retarget', options, async (session) => {
    const context = await preparedContext(session)
    const work = { withCuts: options.withCuts === true }
    const steps = retargetSteps(context, work)
    refuseUnknown(session, [...wholePlan(context), ...steps])
    const canary = canaryIn(context, options.canary)
    if (options.dryRun === true) return show(session, await askWorks(context, work))
    requireSettled(session, context)
    const asked = await askWorks(context, work)
    session.reporter.note(worksText(asked.works, asked.silent))
    if (isDone(session, steps, asked)) return session.reporter.note('Nothing is left to rewrite')
    const ordered = inOrder(steps, asked.works, canary)
    await confirm('retarget', options)
    await follow(session, ordered, options.batch)
    if (asked.works.some(isBusy)) await tellReports(session, context)
    if (asked.silent.length > 0) process.exitCode = 1
  })

const canaryIn = ({ config }: Context, name: string | undefined): HostName | undefined => {
  const found = computesOf(config).find((host) => ownName(host) === name)
  if (name !== undefined && found === undefined)
    throw refuse(
      config.file,
      `--canary ${name}: there is no section [compute ${name}]`,
      `Name one of: ${computesOf(config).map(ownName).join(', ') || 'none, the settings have no compute'}`,
    )
  return found
}

/** Before, a rollback of the addresses would leave the computes with the wrong controller. */
const requireSettled = ({ journal }: Session, context: Context): void => {
  const id = settledId(context)
  if (stateOf(journal, id) === 'done') return
  throw refuse(
    'journal',
    `${id} is not done: the addresses are not on the target for good`,
    'Run: swapctl cutover. swapctl computes retarget --dry-run shows what will change',
  )
}

const isDone = ({ journal }: Session, steps: readonly Step[], { works, silent }: Asked): boolean =>
  !works.some(isBusy) &&
  silent.length === 0 &&
  steps.every(({ id }) => !['begun', 'failed'].includes(stateOf(journal, id)))

/**
 * The canary first, which is the first that has something to do, unless one is named; then the others that have; then
 * those that gave no answer, or have nothing to do. Throws SwapError (exit 2) for a named one that would prove nothing.
 */
export const inOrder = (steps: readonly Step[], works: readonly Work[], canary?: HostName): readonly Step[] => {
  const busy = works.filter(isBusy).map(({ host }) => host)
  if (canary !== undefined && busy.length > 0 && !busy.includes(canary))
    throw refuse(
      `--canary ${ownName(canary)}`,
      'it gave no answer, or has nothing to rewrite, so it would prove nothing',
      `Name one of: ${busy.map(ownName).join(', ')}`,
    )
  const first = canary ?? busy[0]
  const ids = busy.map(retargetId)
  const rank = ({ id }: Step): number =>
    first !== undefined && id === retargetId(first) ? 0 : ids.includes(id) ? 1 : 2
  return steps.toSorted((one, other) => rank(one) - rank(other))
}

/** Runs the steps and tells what failed. Exit code 1 then; never throws for single computes. */
export const follow = async (session: Session, steps: readonly Step[], batch: number): Promise<void> => {
  const { failed, untouched } = await retargetAll(steps, session.engine, { batch })
  tellLeft(session)
  for (const { id, why, next } of failed) session.reporter.note(`${id} failed: ${why}\n  ${next}`)
  if (untouched.length > 0) session.reporter.note(`Not begun: ${untouched.length} of ${steps.length} computes`)
  if (failed.length === 0 && untouched.length === 0) return
  session.reporter.note('Fix this and run: swapctl computes retarget')
  process.exitCode = 1
}

/** Whether the agents report to the new controller, as the cutover asks it. Only told: their connections are proven. */
const tellReports = async ({ reporter }: Session, context: Context): Promise<void> => {
  try {
    const step = reportStep(context, [])
    reporter.note(`Reports: ${await step.proof?.((text) => reporter.progress(step, text), reporter.note)}`)
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    reporter.note(`Whether the agents report was not found out: ${error.where}: ${error.message}`)
  }
}

const show = ({ options, config }: Session, { works, silent }: Asked): void => {
  const text =
    options.json === true
      ? asJson({ swap: config.name, computes: works.map(shownWork), silent }, 2)
      : forTerminal([...works.map(workText), ...endText(works, silent)].join('\n'))
  process.stdout.write(`${text}\n`)
  if (silent.length > 0) process.exitCode = 1
}
