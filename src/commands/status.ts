import type { Outage } from '../cutover/outage/outage.ts'
import { savedOutage } from '../cutover/outage/outage-file.ts'
import { outageText } from '../cutover/outage/outage-text.ts'
import { type AddressStatus, whereAreAddresses } from '../cutover/outage/status.ts'
import { askSides, isPutBack, type Sides, sidesText } from '../cutover/rollback/state.ts'
import { begunOf, leftToDo, stateOf, times } from '../engine/journal.ts'
import { isOptional, type Phase, type Plan, phases } from '../engine/step.ts'
import { wholePlan } from '../plan/plan.ts'
import { type Rehearsal, rehearsalLine, savedRehearsal } from '../plan/rehearsal.ts'
import { timelineOf } from '../plan/timeline.ts'
import { timelineText } from '../plan/timeline-text.ts'
import { isClose } from '../source/freeze.ts'
import { loadSurvey } from '../source/survey.ts'
import { stagedDatabase } from '../staged/steps.ts'
import type { Survey } from '../survey.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { duration } from '../text/units.ts'
import { isVolumeStage } from '../transfer/volume-stage.ts'
import { untouchedText } from '../verify/untouched.ts'
import { contextOf, type Options, type Session, withSession } from './session.ts'

export interface Status {
  readonly swap: string
  readonly phases: readonly { readonly phase: Phase; readonly done: number; readonly steps: number }[]
  readonly frozenSince: string | undefined
  /** until the freeze: which services' files, volumes and databases were staged, and when */
  readonly staged: readonly { readonly service: string; readonly what: string; readonly at: string }[]
  readonly steps: readonly {
    readonly id: string
    readonly phase: Phase
    readonly title: string
    readonly state: string
    readonly says?: string
  }[]
  readonly addresses: readonly AddressStatus[]
  /** each side's rollback state, as the machine reports it */
  readonly sides: Sides
  /** whether the frozen source is unchanged since the freeze */
  readonly source?: string
  /** of the current cutover */
  readonly outage?: Outage
  /** until the freeze: the last rehearsal */
  readonly rehearsal?: Rehearsal
  /** for the operator: what could not be done on machines of neither side */
  readonly left: readonly string[]
  readonly next: string
}

export interface StatusOptions extends Options {
  /** show when each step ran and what it waited for */
  readonly timeline?: boolean
}

/** Shows where the swap stands, step by step, where each address is, and what to type next; or the timeline. */
export const status = (options: StatusOptions): Promise<void> =>
  withSession('status', options, async (session) => {
    const survey = await loadSurvey(session.config.state)
    const plan = survey === undefined ? [] : wholePlan(contextOf(session, survey))
    if (options.timeline === true) {
      const timeline = timelineOf(plan, session.journal)
      print(options.json === true ? asJson(timeline, 2) : forTerminal(timelineText(timeline, new Date())))
      return
    }
    const found = await askStatus(session, plan, survey)
    print(options.json === true ? asJson(found, 2) : forTerminal(text(found)))
  })

/** Where the swap stands, by the journal and by both sides' answers. Changes nothing. */
export const askStatus = async (session: Session, plan: Plan, survey: Survey | undefined): Promise<Status> => {
  const [addresses, sides] = await Promise.all([
    whereAreAddresses(session.hosts, session.config),
    askSides(session.hosts),
  ])
  const source = survey === undefined ? undefined : await untouchedText(contextOf(session, survey))
  const stands = statusOf(session, plan, addresses, sides)
  const outage = await savedOutage(session.config.state, stands.frozenSince)
  const rehearsal = stands.frozenSince === undefined ? await savedRehearsal(session.config) : undefined
  return {
    ...stands,
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(source === undefined ? {} : { source }),
    ...(outage === undefined ? {} : { outage }),
  }
}

const print = (lines: string): void => void process.stdout.write(`${lines}\n`)

const statusOf = (session: Session, plan: Plan, addresses: readonly AddressStatus[], sides: Sides): Status => {
  const counts = phases.flatMap((phase) => {
    const steps = plan.filter((step) => step.phase === phase)
    if (isOptional(phase) && steps.every(({ id }) => stateOf(session.journal, id) === 'pending')) return []
    const done = steps.filter(({ id }) => stateOf(session.journal, id) === 'done').length
    return [{ phase, steps: steps.length, done }]
  })
  return {
    swap: session.config.name,
    phases: counts,
    frozenSince: frozenSince(session, plan),
    staged: frozenSince(session, plan) === undefined ? stagedOf(session, plan) : [],
    steps: plan.map((step) => ({ id: step.id, phase: step.phase, title: step.title, ...lastWord(session, step.id) })),
    addresses,
    sides,
    left: leftToDo(session.journal),
    next: isPutBack(sides.source) || isPutBack(sides.target) ? afterRollback : nextCommand(counts, plan, session),
  }
}

/** When the source's first API was stopped, while the source is frozen. */
export const frozenSince = (session: Pick<Session, 'journal'>, plan: Plan): string | undefined => {
  const begun = plan
    .filter((step) => isClose(step.id))
    // The first time since its last undo: an interrupted step has stopped the API too.
    .flatMap((step) => begunOf(session.journal, step.id)?.at ?? [])
  return begun.toSorted()[0]
}

const stagedOf = ({ journal }: Pick<Session, 'journal'>, plan: Plan): Status['staged'] =>
  plan.flatMap(({ id, phase, service = '' }) => {
    const at = phase === 'stage' && stateOf(journal, id) === 'done' ? times(journal, id).ended : undefined
    return at === undefined ? [] : [{ service, what: whatOf(id), at: at.toISOString() }]
  })

const whatOf = (id: string): string => {
  const database = stagedDatabase(id)
  if (database !== undefined) return `database ${database}`
  return isVolumeStage(id) ? 'volumes' : 'files'
}

const lastWord = (session: Session, id: string): { state: string; says?: string } => {
  const last = session.journal.entries.findLast((entry) => 'step' in entry && entry.step === id)
  const state = stateOf(session.journal, id)
  if (last?.event === 'done' && last.says !== undefined) return { state, says: last.says }
  if (last?.event === 'failed') return { state, says: last.error }
  return { state }
}

const afterRollback = 'swapctl cutover retries, swapctl revert brings the old cloud back'

const follows = (one: Phase, other: Phase): boolean => phases.indexOf(one) > phases.indexOf(other)

/** The command to type next. `counts`: the steps of each phase, without an optional one that was never begun. */
export const nextCommand = (counts: Status['phases'], plan: Plan, session: Pick<Session, 'journal'>): string => {
  // Once the swap has gone on without it, a failure of an optional phase holds nothing up.
  const passed = (phase: Phase) => isOptional(phase) && counts.some((one) => one.done > 0 && follows(one.phase, phase))
  const failed = plan.find((step) => stateOf(session.journal, step.id) === 'failed' && !passed(step.phase))
  if (failed) {
    const back = failed.phase === 'finish' ? '' : ' (or go back: swapctl revert)'
    return `fix ${failed.id}, then: swapctl ${failed.phase}${back}`
  }
  const open = counts.find(({ phase, done, steps }) => !isOptional(phase) && (steps === 0 || done < steps))
  if (open === undefined) return 'nothing; the swap is finished'
  if (open.phase === 'finish' && open.done === 0)
    return 'check the new cloud; then swapctl finish makes the swap final, or swapctl revert goes back'
  return `swapctl ${open.phase}`
}

/** Since when the source is frozen, each side's rollback state, where each address is. */
export const standingLines = (
  { frozenSince, staged, rehearsal, sides, addresses, source }: Status,
  now: Date,
): readonly string[] => [
  ...staged.map(
    ({ service, what, at }) =>
      `${service}: ${what} staged ${duration((+now - Date.parse(at)) / 1000)} ago; swapctl stage copies what has changed since`,
  ),
  ...(rehearsal === undefined ? [] : [rehearsalLine(rehearsal, now)]),
  ...(frozenSince === undefined ? [] : [`The source has been frozen since ${frozenSince}`]),
  ...sidesText(sides, now),
  ...addresses.map(({ name, address, says }) => `${name} ${address}: ${says}`),
  ...(source === undefined ? [] : [`source: ${source}`]),
]

const marks: Readonly<Record<string, string>> = { done: '✔', failed: '✖', begun: '…', undone: '↩' }

const text = (status: Status): string => {
  const lines = [`swap ${status.swap}`]
  for (const { phase, done, steps } of status.phases) {
    lines.push(`${phase}  ${done} of ${steps} steps`)
    for (const step of status.steps.filter((s) => s.state !== 'pending' && s.phase === phase))
      lines.push(
        `  ${marks[step.state] ?? '·'} ${step.id}  ${step.title}${step.says === undefined ? '' : `: ${step.says.split('\n')[0]}`}`,
      )
  }
  lines.push(...standingLines(status, new Date()))
  if (status.outage !== undefined) lines.push(outageText(status.outage))
  lines.push(...status.left.map((one) => `do by hand: ${one}`))
  return [...lines, `Next: ${status.next}`].join('\n')
}
