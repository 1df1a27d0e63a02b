import { setTimeout as sleep } from 'node:timers/promises'
import { type Journal, newestFirst, stateOf } from '../engine/journal.ts'
import { revertSteps } from '../engine/revert.ts'
import { type Engine, execute } from '../engine/run.ts'
import type { Plan } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { watchPanic } from './postpone.ts'
import { armId } from './rollback/data.ts'
import { askSides, isArmed, isConfirmed, isPutBack, type Sides, sidesText } from './rollback/state.ts'

export interface Attempts {
  /** how many more attempts after a rollback */
  readonly retries: number
  /** seconds between two attempts */
  readonly pause: number
  /** as soon as this file exists everything is rolled back, unless the cutover is already confirmed */
  readonly panicFile?: string
}

const confirmId = 'cutover/confirm'

/** The snapshot is not undone: it is needed later to report what the new controller has accepted meanwhile. */
const kept = ['cutover/picture']

const openOf = (journal: Journal): readonly string[] =>
  newestFirst(journal, ['cutover']).filter((id) => !kept.includes(id))

/** Whether an undo of these steps had begun and was interrupted. */
const goingBack = (journal: Pick<Journal, 'entries'>): boolean => {
  const armed = journal.entries.findLastIndex((entry) => entry.event === 'begun' && entry.step === armId)
  return journal.entries
    .slice(armed + 1)
    .some((entry) => entry.event === 'undoing' && entry.step.startsWith('cutover/'))
}

/**
 * What to do with an interrupted cutover, by the journal and both machines' state: 'on' while it can still be
 * confirmed, or is; 'back' when a side has rolled back, or is not armed although something has moved. 'unknown': it
 * would be 'back', but a side does not answer and may have been confirmed.
 */
export const wayOn = (journal: Pick<Journal, 'entries'>, sides: Sides): 'on' | 'back' | 'unknown' => {
  if (isOn(journal, sides)) return 'on'
  return sides.source === 'silent' || sides.target === 'silent' ? 'unknown' : 'back'
}

const isOn = (journal: Pick<Journal, 'entries'>, { source, target }: Sides): boolean => {
  if (goingBack(journal)) return false
  if (stateOf(journal, confirmId) === 'done') return true
  if (isConfirmed(target)) return !isPutBack(source)
  return stateOf(journal, armId) !== 'done' || (isArmed(source) && isArmed(target))
}

/** Continues after an earlier run: first rolls back where a machine has already done so. */
const takeUp = async (steps: Plan, engine: Engine): Promise<void> => {
  const { journal, reporter, hosts } = engine
  if (openOf(journal).every((id) => id !== armId)) return
  const sides = await askSides(hosts)
  for (const line of sidesText(sides, new Date())) reporter.note(line)
  const way = wayOn(journal, sides)
  if (way === 'on') return
  if (way === 'unknown')
    throw ended(
      new SwapError('cutover', 'an earlier run was interrupted, and a machine does not answer', ''),
      'unknown',
    )
  reporter.note('Rolling back what the earlier cutover left, then trying again')
  await takeBack(steps, engine)
}

/** Undoes every open step but the snapshot, newest first. A Ctrl-C that caused the rollback does not stop it. */
const takeBack = async (steps: Plan, engine: Engine): Promise<void> => {
  const { signal: _, ...calm } = engine
  const open = openOf(engine.journal)
  await revertSteps(
    steps.filter(({ id }) => open.includes(id)),
    calm,
  )
}

/**
 * After a failure: rolls back, unless the target is confirmed or a side cannot be reached; then the timers decide, and
 * swapctl must not. Resolves with what happened to the addresses.
 */
const afterFailure = async (steps: Plan, engine: Engine): Promise<'untouched' | 'back' | 'confirmed' | 'unknown'> => {
  if (openOf(engine.journal).every((id) => id !== armId)) return 'untouched'
  const sides = await askSides(engine.hosts)
  if (isConfirmed(sides.target) || stateOf(engine.journal, confirmId) === 'done') return 'confirmed'
  for (const line of sidesText(sides, new Date())) engine.reporter.note(line)
  if (sides.source === 'silent' || sides.target === 'silent') return 'unknown'
  await takeBack(steps, engine)
  return 'back'
}

/** After a second Ctrl-C: asks nothing and undoes nothing. */
const afterHaste = ({ journal }: Engine): 'untouched' | 'confirmed' | 'left' => {
  if (openOf(journal).every((id) => id !== armId)) return 'untouched'
  return stateOf(journal, confirmId) === 'done' ? 'confirmed' : 'left'
}

const ends = {
  untouched: { says: 'nothing was moved', next: 'Run the same command again' },
  back: {
    says: 'the addresses are back on the source; its services are still stopped',
    next: 'swapctl cutover retries, swapctl revert brings the old cloud back',
  },
  confirmed: {
    says: 'the cutover is confirmed: the addresses stay on the target',
    next: 'The same command continues from there, swapctl revert goes back',
  },
  left: {
    says: 'nothing was rolled back: the rollback timers will do it unless the cutover is confirmed in time',
    next: 'swapctl status shows where the addresses are',
  },
  unknown: {
    says: 'cannot reach a machine to roll it back; its rollback timer will. Exactly one side will hold the addresses',
    next: 'Once both answer: swapctl cutover, or swapctl revert',
  },
} as const

const ended = (error: unknown, end: keyof typeof ends): SwapError => {
  const { says, next } = ends[end]
  const cause = error instanceof SwapError ? error : new SwapError('cutover', String(error), '')
  return new SwapError(cause.where, `${cause.message}\n${says}`, `${cause.next}\n${next}`.trim(), {
    cause: error,
    exitCode: end === 'untouched' ? cause.exitCode : 1,
  })
}

/** The rollback failed as well; its error must not hide why it was needed. */
const stuck = (error: unknown, undo: unknown): SwapError => {
  const { where, message, next } = undo instanceof SwapError ? undo : new SwapError('cutover', String(undo), '')
  return new SwapError(
    where,
    `${(error as Error).message}\n${message}\nthe rollback timers are still running: swapctl status shows where the addresses are`,
    next,
    { cause: error },
  )
}

class Panicked extends SwapError {
  constructor(file: string | undefined) {
    super('cutover', `${file} appeared before the cutover was confirmed`, 'Remove the file')
  }
}

/** A pause that ends at once when told to stop. */
const pauseFor = (seconds: number, signal: AbortSignal | undefined): Promise<void> =>
  sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch(() => {})

const once = async (steps: Plan, engine: Engine, { panicFile }: Attempts): Promise<void> => {
  const panic = watchPanic(panicFile, () => !['pending', 'undone'].includes(stateOf(engine.journal, confirmId)))
  const now = engine.now === undefined ? panic.signal : AbortSignal.any([engine.now, panic.signal])
  try {
    await execute(steps, { ...engine, now })
  } catch (error) {
    throw panic.signal.aborted ? new Panicked(panicFile) : error
  } finally {
    panic.dispose()
  }
}

/**
 * Runs the steps of the cutover until they are done. A failure before the confirmation rolls back and tries again, up
 * to `retries` times. Ctrl-C before the confirmation rolls back, after it stops where it is. Throws SwapError with what
 * failed and where the addresses are.
 */
export const attempt = async (steps: Plan, engine: Engine, attempts: Attempts): Promise<void> => {
  await takeUp(steps, engine)
  for (let left = attempts.retries; ; left -= 1) {
    try {
      return await once(steps, engine, attempts)
    } catch (error) {
      const end =
        engine.now?.aborted === true
          ? afterHaste(engine)
          : await afterFailure(steps, engine).catch((undo: unknown) => {
              throw stuck(error, undo)
            })
      const stopped = engine.signal?.aborted === true || error instanceof Panicked
      if (end !== 'back' || stopped || left <= 0) throw ended(error, end)
      engine.reporter.note(
        `${(error as Error).message}\nRolled back to the source; retrying in ${attempts.pause} s (retries left: ${left})`,
      )
      await pauseFor(attempts.pause, engine.signal)
    }
  }
}
