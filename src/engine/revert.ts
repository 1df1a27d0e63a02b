import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { limiter } from '../hosts/limiter.ts'
import { redact } from '../text/redact.ts'
import { begunOf, newestFirst, stateOf, undoOf } from './journal.ts'
import { besides, performOrLeave } from './machines/beside.ts'
import { awaitLeftovers, machinesOf } from './machines/leftovers.ts'
import type { Engine } from './run.ts'
import type { Step } from './step.ts'
import { stoppedText, whenAborted } from './stopped.ts'

type Named = Pick<Step, 'id' | 'title'>

/** Machines of neither side on which something is undone at once. */
const atOnce = 32

/** A step whose undo is incomplete, and what is left of it. */
export interface Partly extends Named {
  readonly left: readonly string[]
}

const undoFailed = (step: Named, error: unknown): SwapError => {
  const what = error instanceof SwapError ? `${error.where}: ${error.message}` : String(error)
  return new SwapError(
    step.id,
    `the undo of "${step.title}" failed.\n${what}`,
    `${error instanceof SwapError ? `${error.next}\n` : ''}Fix it and run the same command again; it continues with what is left.`,
    { cause: error },
  )
}

const awayText = (lost: readonly HostName[]): string => `their machine did not answer: ${lost.join(', ')}`

/**
 * Performs a step's undo. Resolves with what was left out because its machine is lost, or is of neither side and
 * failed.
 */
const undoAll = async (step: Named, engine: Engine, lost: readonly HostName[]): Promise<readonly string[]> => {
  const { journal, reporter } = engine
  const { undo: all = [], machines = [] } = begunOf(journal, step.id) ?? {}
  const actions = all.filter((action) => !machinesOf([action]).some((machine) => lost.includes(machine)))
  const progress = (text: string) => reporter.progress(step, text)
  const there = stateOf(journal, step.id) === 'done' ? [] : machines.filter((machine) => !lost.includes(machine))
  const byHand = [...(await awaitLeftovers(engine.hosts, step.id, there, progress))].map(redact)
  const setting = { mark: step.id, progress, allowed: (text: string) => void byHand.push(redact(text)) }
  await journal.append({ event: 'undoing', step: step.id })
  const failures: string[] = []
  for (const action of actions) failures.push(...[(await performOrLeave(action, engine, setting)) ?? []].flat())
  const gone = all.length - actions.length
  const left = [...(gone === 0 ? [] : [awayText(lost)]), ...failures]
  for (const text of byHand) reporter.note(`do by hand: ${text}`)
  // The undo is incomplete, so the step stays open; the next revert performs all of it once the machine is back.
  const error = redact(`undo: ${gone + failures.length} of ${all.length} actions left, ${left.join('; ')}`)
  const undone = { event: 'undone', step: step.id, ...(byHand.length === 0 ? {} : { left: byHand }) } as const
  await journal.append(left.length > 0 ? { event: 'failed', step: step.id, error } : undone)
  return left
}

const undo = async (step: Named, engine: Engine, lost: readonly HostName[]): Promise<readonly string[]> => {
  const { journal, reporter } = engine
  const began = Date.now()
  reporter.begin(step)
  try {
    // Read it now: once the step is undone, the journal no longer returns its undo.
    const empty = undoOf(journal, step.id)?.length === 0
    const left = await undoAll(step, engine, lost)
    const says = left.length > 0 ? `partly undone: ${left.join('; ')}` : empty ? 'nothing to undo' : 'undone'
    reporter.end(step, says, (Date.now() - began) / 1000)
    return left
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error))
    reporter.fail(step, reason)
    await journal.append({ event: 'failed', step: step.id, error: redact(`undo: ${reason.message}`) })
    throw undoFailed(step, error)
  }
}

/**
 * Undoes those of the given steps that have changed something, latest begun first, with the undo that was journalled
 * before each began: one after the other, but those on different machines of neither side at the same time. Throws
 * SwapError at the first undo that fails; run again, it continues there. `lost`: machines that do not answer and are
 * skipped. What was left out on them, or failed on a machine of neither side, is reported and returned.
 */
export const revertSteps = async (
  steps: readonly Named[],
  engine: Engine,
  lost: readonly HostName[] = [],
): Promise<readonly Partly[]> => {
  const partly: Partly[] = []
  const order = newestFirst(engine.journal).flatMap((id) => steps.find((step) => step.id === id) ?? [])
  let at = 0
  const stopped = (what: string): SwapError => {
    const state = { done: order.slice(0, at).map(({ id }) => id), of: order.length, next: order[at] }
    return new SwapError('swapctl', stoppedText(what, state, 'undone'), 'Continue with: swapctl revert')
  }
  const stopNow = whenAborted(engine.now, () => stopped(`stopped immediately; undo unfinished: ${order[at]?.id}`))
  stopNow.catch(() => {})
  for (const steps of apart(order, engine)) {
    if (engine.signal?.aborted === true) throw stopped('stopped as requested, no undo is unfinished')
    const inTurn = limiter(atOnce)
    const undone = Promise.all(steps.map((step) => inTurn(() => undo(step, engine, lost))))
    for (const [index, left] of (await Promise.race([undone, stopNow])).entries())
      if (left.length > 0) partly.push({ ...(steps[index] as Named), left })
    at += steps.length
  }
  return partly
}

/**
 * The steps in their order, in groups that are undone at the same time: neighbours whose undo is on machines of neither
 * side, each on its own. Every other step is a group by itself.
 */
const apart = (order: readonly Named[], { journal }: Engine): readonly (readonly Named[])[] => {
  const groups: Named[][] = []
  let taken: Set<HostName> | undefined
  for (const step of order) {
    const machines = machinesOf(undoOf(journal, step.id) ?? [])
    const beside = machines.length > 0 && besides(machines).length === machines.length
    const joins = beside && taken !== undefined && machines.every((machine) => !taken?.has(machine))
    if (joins) groups.at(-1)?.push(step)
    else groups.push([step])
    taken = beside ? new Set([...(joins ? (taken ?? []) : []), ...machines]) : undefined
  }
  return groups
}
