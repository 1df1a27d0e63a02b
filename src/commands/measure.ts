import { join } from 'node:path'
import type { Context } from '../context.ts'
import { movesOf } from '../cutover/handover/moves.ts'
import { savedRefusals, watchFreeze } from '../cutover/outage/freeze-window.ts'
import { saveOutage } from '../cutover/outage/outage-file.ts'
import { outageText } from '../cutover/outage/outage-text.ts'
import { type Probe, startProbe } from '../cutover/outage/probe.ts'
import { askProbeTargets, askSourceTargets } from '../cutover/outage/probe-target.ts'
import { clock } from '../cutover/outage/probe-try.ts'
import { openRecorder, type Recorder, readLines } from '../cutover/outage/samples.ts'
import { summarise } from '../cutover/outage/summary.ts'
import { askBroker, watchComputes } from '../cutover/outage/watch-computes.ts'
import { type Journal, stateOf } from '../engine/journal.ts'
import type { Plan } from '../engine/step.ts'
import { isClose } from '../source/freeze.ts'
import type { Session } from './session.ts'
import { frozenSince } from './status.ts'

type Swap = Pick<Session, 'journal' | 'reporter'>

const samplesIn = (state: string): string => join(state, 'outage-samples.jsonl')

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Watches the freeze while `work` runs. A failure to watch is reported and stops nothing. */
export const watchingFreeze = async (
  session: Swap,
  context: Context,
  plan: Plan,
  work: () => Promise<void>,
): Promise<void> => {
  const { note } = session.reporter
  const closes = plan.filter((step) => isClose(step.id))
  if (closes.every((step) => stateOf(session.journal, step.id) === 'done')) return work()
  const since = () => frozenSince(session, plan)
  const watch = await askSourceTargets(context)
    .then((targets) => watchFreeze(context, targets, since))
    .catch((error: unknown) => void note(`The outage of the freeze is not measured: ${said(error)}`))
  try {
    await work()
  } finally {
    const first = Object.entries((await watch?.end()) ?? {}).toSorted(([, a], [, b]) => (a < b ? -1 : 1))
    if (first.length > 0)
      note(`First refused calls (UTC): ${first.map(([name, at]) => `${name} ${at.slice(11, 23)}`).join(', ')}`)
  }
}

/** A measurement, started or not. */
export interface Measuring {
  /** Starts it; further calls return the same probe. */
  begin(): Promise<Probe>
  /** Stops it, writes and prints the report. Never rejects: a failed measurement must not stop a cutover. */
  end(): Promise<void>
}

interface Running {
  readonly recorder: Recorder
  readonly since: number
  readonly endLooks: () => void
  readonly probe: Probe
}

/** Whether this cutover continues an interrupted run. */
const goesOn = (journal: Journal, steps: Plan): boolean =>
  steps.some((step) => !['pending', 'undone'].includes(stateOf(journal, step.id)))

/** Milliseconds; longer than any cutover with its budget and retries. */
const longest = 24 * 3_600_000

/**
 * Probes the moving addresses and watches the computes' connections. A resumed cutover adds to what the interrupted run
 * recorded. `steps`: those of the cutover, before any of them runs; `plan`: all steps.
 */
export const measureOutage = (session: Swap, context: Context, plan: Plan, steps: Plan): Measuring => {
  const { config } = context
  const path = samplesIn(config.state)
  const fresh = !goesOn(session.journal, steps)
  let running: Promise<Running> | undefined

  const start = async (): Promise<Running> => {
    const { targets, without } = await askProbeTargets(context)
    if (without !== undefined) session.reporter.note(`During the move no API is probed with a token: ${without}`)
    const recorder = await openRecorder(path, fresh)
    const began = clock()
    recorder.add({ kind: 'begin', at: began })
    const since = fresh ? began : await firstOf(path, began)
    const endLooks = await watchComputes(context, recorder)
    const probe = startProbe(targets, { heard: (sample) => recorder.add({ kind: 'sample', ...sample }), longest })
    return { recorder, since, endLooks, probe }
  }

  const finish = async ({ recorder, since, endLooks, probe }: Running): Promise<void> => {
    recorder.add({ kind: 'end', at: clock(), ...(await probe.stop()) })
    endLooks()
    const moves = movesOf(session.journal.entries, since)
    if (moves.length > 0) await addBroker(context, recorder)
    const problem = await recorder.close()
    if (problem !== undefined) session.reporter.note(`Some outage samples could not be saved: ${problem.message}`)
    const frozen = frozenSince(session, plan)
    const outage = await summarise(readLines(path), {
      ...(frozen === undefined ? {} : { frozenSince: frozen }),
      refused: await savedRefusals(config.state, frozen),
      moves,
    })
    session.reporter.note(outageText(outage))
    await saveOutage(config.state, outage)
  }

  return {
    begin: async () => {
      running ??= start()
      return (await running).probe
    },
    end: async () => {
      // begin() has already reported why it failed.
      const one = await running?.catch(() => undefined)
      if (one === undefined) return
      await finish(one).catch((error: unknown) => session.reporter.note(`The outage report failed: ${said(error)}`))
    },
  }
}

const firstOf = async (path: string, otherwise: number): Promise<number> => {
  for await (const line of readLines(path)) if (line.kind === 'begin') return line.at
  return otherwise
}

const addBroker = async (context: Context, recorder: Recorder): Promise<void> => {
  const peers = await askBroker(context).catch(() => undefined)
  if (peers !== undefined) recorder.add({ kind: 'broker', peers })
}
