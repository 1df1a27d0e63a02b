import type { Outage } from '../cutover/outage.ts'
import { savedOutage } from '../cutover/outage-file.ts'
import { outageText } from '../cutover/outage-text.ts'
import { askSides, isPutBack, type Sides, sidesText } from '../cutover/putback/state.ts'
import { type Place, whereAreAddresses } from '../cutover/status.ts'
import { begunOf, stateOf } from '../engine/journal.ts'
import { asJson, forTerminal } from '../engine/printable.ts'
import { type Phase, type Plan, phases } from '../engine/step.ts'
import { wholePlan } from '../plan.ts'
import { loadSurvey } from '../source/survey.ts'
import { untouchedText } from '../source/untouched.ts'
import { contextOf, type Options, type Session, withSession } from './session.ts'

interface Status {
  readonly swap: string
  readonly phases: readonly { readonly phase: Phase; readonly done: number; readonly steps: number }[]
  readonly frozenSince: string | undefined
  readonly steps: readonly {
    readonly id: string
    readonly phase: Phase
    readonly title: string
    readonly state: string
    readonly says?: string
  }[]
  readonly addresses: readonly Place[]
  /** how far each side is with a cutover, by its own word */
  readonly sides: Sides
  /** whether the frozen source is what it was at the freeze */
  readonly source?: string
  /** of the cutover that stands */
  readonly outage?: Outage
  readonly next: string
}

/** Where the swap stands, step by step, which address is where, and what to type next. */
export const status = (options: Options): Promise<void> =>
  withSession('status', options, async (session) => {
    const survey = await loadSurvey(session.config.state)
    const plan = survey === undefined ? [] : wholePlan(contextOf(session, survey))
    const [addresses, sides] = await Promise.all([
      whereAreAddresses(session.hosts, session.config),
      askSides(session.hosts),
    ])
    const source = survey === undefined ? undefined : await untouchedText(contextOf(session, survey))
    const stands = statusOf(session, plan, addresses, sides)
    const outage = await savedOutage(session.config.state, stands.frozenSince)
    const found = {
      ...stands,
      ...(source === undefined ? {} : { source }),
      ...(outage === undefined ? {} : { outage }),
    }
    process.stdout.write(`${options.json === true ? asJson(found, 2) : forTerminal(text(found))}\n`)
  })

const statusOf = (session: Session, plan: Plan, addresses: readonly Place[], sides: Sides): Status => {
  const counts = phases.map((phase) => {
    const steps = plan.filter((step) => step.phase === phase)
    return { phase, steps: steps.length, done: steps.filter((s) => stateOf(session.journal, s.id) === 'done').length }
  })
  return {
    swap: session.config.name,
    phases: counts,
    frozenSince: frozenSince(session, plan),
    steps: plan.map((step) => ({ id: step.id, phase: step.phase, title: step.title, ...lastWord(session, step.id) })),
    addresses,
    sides,
    next: isPutBack(sides.source) || isPutBack(sides.target) ? afterPutBack : nextCommand(counts, plan, session),
  }
}

/** The moment the first API of the source was stopped, while it stands still. */
export const frozenSince = (session: Pick<Session, 'journal'>, plan: Plan): string | undefined => {
  const begun = plan
    .filter((step) => step.id.endsWith('/close'))
    // The first time since it was last undone: one that was broken off has stopped the API all the same.
    .flatMap((step) => begunOf(session.journal, step.id)?.at ?? [])
  return begun.toSorted()[0]
}

const lastWord = (session: Session, id: string): { state: string; says?: string } => {
  const last = session.journal.entries.findLast((entry) => 'step' in entry && entry.step === id)
  const state = stateOf(session.journal, id)
  if (last?.event === 'done' && last.says !== undefined) return { state, says: last.says }
  if (last?.event === 'failed') return { state, says: last.error }
  return { state }
}

const afterPutBack = 'swapctl cutover tries again, swapctl revert starts the old cloud'

const nextCommand = (counts: Status['phases'], plan: Plan, session: Session): string => {
  const failed = plan.find((step) => stateOf(session.journal, step.id) === 'failed')
  if (failed) {
    const back = failed.phase === 'finish' ? '' : ' (or go back: swapctl revert)'
    return `mend ${failed.id}, then: swapctl ${failed.phase}${back}`
  }
  const open = counts.find(({ done, steps }) => steps === 0 || done < steps)
  if (open === undefined) return 'nothing; the swap is finished'
  if (open.phase === 'finish' && open.done === 0)
    return 'look at the new cloud; swapctl revert goes back, swapctl finish ends the way back'
  return `swapctl ${open.phase}`
}

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
  if (status.frozenSince !== undefined) lines.push(`The source is frozen since ${status.frozenSince}`)
  lines.push(...sidesText(status.sides, new Date()))
  for (const place of status.addresses) lines.push(`${place.name} ${place.address}: ${place.says}`)
  if (status.source !== undefined) lines.push(`source: ${status.source}`)
  if (status.outage !== undefined) lines.push(outageText(status.outage))
  return [...lines, `Next: ${status.next}`].join('\n')
}
