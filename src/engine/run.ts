import { SwapError } from '../errors.ts'
import { redact } from '../text/redact.ts'
import { refuseUndeclared } from './declared.ts'
import { begunOf, type Journal, newestFirst, stateOf, undoOf } from './journal.ts'
import { keepSeen } from './keep.ts'
import { performOrLeave } from './machines/beside.ts'
import { awaitLeftovers, machinesOf } from './machines/leftovers.ts'
import { mistake, orderOf } from './order.ts'
import type { Tools } from './perform.ts'
import type { Reporter } from './report.ts'
import type { Plan, Step } from './step.ts'
import { stoppedText, whenAborted } from './stopped.ts'

export interface Engine extends Tools {
  readonly journal: Journal
  readonly reporter: Reporter
  /** how many steps run side by side */
  readonly parallel: number
  /** aborted: running steps finish, no further one begins */
  readonly signal?: AbortSignal
  /** aborted: stop at once, wherever running steps are */
  readonly now?: AbortSignal
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** The error an operator reads when a step fails: the step, the machine, what failed, and what to do. */
const stepFailed = (step: Step, error: unknown): SwapError => {
  const cause = asError(error)
  const what = cause instanceof SwapError ? `${cause.where}: ${cause.message}` : cause.message
  const next = cause instanceof SwapError ? `${cause.next}\n` : ''
  return new SwapError(
    step.id,
    `${step.title} failed.\n${what}`,
    `${next}Run the same command again after fixing it${step.phase === 'finish' ? '' : ', or: swapctl revert'}`,
    { cause },
  )
}

interface Changed {
  /** what the proof reported */
  readonly says: string
  readonly left: readonly string[]
}

/** Runs a step: begun, actions, proof, done. Each is journalled before the next starts. */
const change = async (step: Step, engine: Engine): Promise<Changed> => {
  const { journal, reporter } = engine
  const earlier = begunOf(journal, step.id)
  const undo = earlier?.undo ?? (await step.undo())
  const setting = { mark: step.id, progress: (text: string) => reporter.progress(step, text) }
  const left = [...(await awaitLeftovers(engine.hosts, step.id, earlier?.machines ?? [], setting.progress))]
  const actions = await step.run()
  refuseUndeclared(step, actions, undo)
  const machines = [...new Set([...machinesOf([...actions, ...undo]), ...(earlier?.machines ?? [])])]
  await journal.append({ event: 'begun', step: step.id, phase: step.phase, title: step.title, machines, undo })
  for (let turn = 1; ; turn += 1) {
    for (const action of actions) left.push(...[(await performOrLeave(action, engine, setting)) ?? []].flat())
    if ((await step.again?.(turn, setting.progress)) !== true) break
  }
  await keepSeen(step, engine, setting.progress)
  const failed = [...left]
  try {
    const says = (await step.proof?.(setting.progress, (text) => void left.push(text))) ?? ''
    return { says, left: left.map(redact) }
  } catch (error) {
    throw withFailed(error, failed)
  }
}

/** What failed on a machine of neither side stopped nothing, but may be why the proof fails. */
const withFailed = (error: unknown, failed: readonly string[]): unknown =>
  error instanceof SwapError && failed.length > 0
    ? new SwapError(error.where, [error.message, ...failed].join('\n'), error.next, { cause: error })
    : error

/** An interrupted step runs again without asking `done`, because a half-done step often looks done. */
const alreadyDone = async (step: Step, engine: Engine): Promise<string | undefined> => {
  const state = stateOf(engine.journal, step.id)
  return state === 'pending' || state === 'undone' ? step.done?.() : undefined
}

const runStep = async (step: Step, engine: Engine): Promise<void> => {
  const { journal, reporter } = engine
  const began = Date.now()
  reporter.begin(step)
  try {
    const why = await alreadyDone(step, engine)
    const { says, left } = why === undefined ? await change(step, engine) : { says: why, left: [] }
    const words = { ...(says === '' ? {} : { says: redact(says) }), ...(left.length === 0 ? {} : { left }) }
    await journal.append({ event: 'done', step: step.id, ...words })
    for (const text of left) reporter.note(`do by hand: ${text}`)
    if (why === undefined) reporter.end(step, says, (Date.now() - began) / 1000)
    else reporter.skip(step, why)
  } catch (error) {
    reporter.fail(step, asError(error))
    if (stateOf(journal, step.id) === 'begun')
      await journal.append({ event: 'failed', step: step.id, error: redact(asError(error).message) })
    throw stepFailed(step, error)
  }
}

const stopped = (plan: Plan, left: readonly Step[]): SwapError =>
  new SwapError(
    'swapctl',
    stoppedText('stopped as requested, no step is unfinished', {
      done: plan.filter((step) => !left.includes(step)).map(({ id }) => id),
      of: plan.length,
      next: left[0],
    }),
    onwards(left[0]),
  )

const onwards = (step: Step | undefined): string =>
  `Continue with: swapctl ${step?.phase}${step?.phase === 'finish' ? '' : '; go back with: swapctl revert'}`

/** Rejects when the command is to stop at once. */
const stopAtOnce = (
  plan: Plan,
  { now }: Engine,
  running: ReadonlyMap<Step['id'], unknown>,
  done: ReadonlySet<Step['id']>,
) =>
  whenAborted(now, () => {
    const half = [...running.keys()]
    const next = plan.find(({ id }) => !done.has(id))
    const what = `stopped immediately; unfinished: ${half.join(', ') || 'none'}`
    return new SwapError('swapctl', stoppedText(what, { done: [...done], of: plan.length, next }), onwards(next))
  })

/**
 * An interrupted step may have left its data half changed, because DDL cannot be rolled back. The steps that created
 * that data are marked as not done and run again, once no program of the interrupted one is running. They change
 * nothing but the copy on the target, so there is nothing to undo.
 */
const forgetSpoilt = async (plan: Plan, { hosts, journal, reporter }: Engine): Promise<void> => {
  const broken = plan.filter(({ id, spoils }) => spoils && ['begun', 'failed'].includes(stateOf(journal, id)))
  for (const step of broken)
    await awaitLeftovers(hosts, step.id, begunOf(journal, step.id)?.machines ?? [], (text) =>
      reporter.progress(step, text),
    )
  for (const id of new Set(broken.flatMap((step) => step.spoils ?? []))) {
    if (stateOf(journal, id) !== 'done') continue
    if ((undoOf(journal, id) ?? []).length > 0) throw mistake(`${id} has an undo but would be repeated without it`)
    await journal.append({ event: 'undone', step: id })
  }
}

/**
 * Waits for programs of interrupted runs to end, before a command inspects the machines: a package manager at work
 * looks like a broken one. `say` is told once of each process.
 */
export const awaitBrokenOff = async (
  { hosts, journal }: Pick<Engine, 'hosts' | 'journal'>,
  say: (text: string) => void,
): Promise<void> => {
  const told = new Set<string>()
  const once = (text: string): void => {
    if (!told.has(text)) say(text)
    told.add(text)
  }
  const open = newestFirst(journal).filter((id) => ['begun', 'failed'].includes(stateOf(journal, id)))
  for (const id of open) await awaitLeftovers(hosts, id, begunOf(journal, id)?.machines ?? [], once)
}

/** The done steps of a plan whose result is gone again, for example after a boot. Reads only. */
export const fallen = async (plan: Plan, { journal }: Pick<Engine, 'journal'>): Promise<Plan> => {
  const found: Step[] = []
  for (const step of plan)
    if (step.stands !== undefined && stateOf(journal, step.id) === 'done' && !(await step.stands())) found.push(step)
  return found
}

/**
 * Runs such steps again, one after the other, before a command builds on them. Their first undo still counts, at its
 * place among the undos. Throws SwapError for the first that fails.
 */
export const renew = async (steps: Plan, engine: Engine): Promise<void> => {
  for (const step of steps) {
    if (engine.signal?.aborted === true) return
    engine.reporter.note(`${step.id} no longer stands, for example after a boot: it is done once more`)
    await runStep(step, engine)
  }
}

/**
 * Runs the steps of a plan that are not done, in parallel where their `after` allows it. After a failure or an abort
 * running steps finish and none begins. Throws SwapError for the first step that failed, or when told to stop.
 */
export const execute = async (plan: Plan, engine: Engine): Promise<void> => {
  const next = orderOf(plan)
  await forgetSpoilt(plan, engine)
  const done = new Set(plan.filter(({ id }) => stateOf(engine.journal, id) === 'done').map(({ id }) => id))
  const left = plan.filter(({ id }) => !done.has(id))
  const running = new Map<Step['id'], Promise<void>>()
  let error: unknown
  const start = (step: Step) => {
    left.splice(left.indexOf(step), 1)
    const ended = runStep(step, engine)
      .then(() => void done.add(step.id))
      .catch((reason: unknown) => {
        error ??= reason
      })
      .finally(() => running.delete(step.id))
    running.set(step.id, ended)
  }
  const stopNow = stopAtOnce(plan, engine, running, done)
  stopNow.catch(() => {})
  for (;;) {
    const open = error === undefined && engine.signal?.aborted !== true
    for (const step of open ? next(left, done, engine.parallel - running.size) : []) start(step)
    if (running.size === 0) break
    await Promise.race([stopNow, ...running.values()])
  }
  if (error !== undefined) throw error
  if (left.length === 0) return
  if (engine.signal?.aborted === true) throw stopped(plan, left)
  throw mistake(`steps wait for each other: ${left.map(({ id }) => id).join(', ')}`)
}
