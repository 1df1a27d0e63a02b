import { describe } from '../describe.ts'
import { SwapError } from '../errors.ts'
import { stateOf } from '../journal.ts'
import { wholePlan } from '../plan.ts'
import { redact } from '../redact.ts'
import type { Plan, Step } from '../step.ts'
import { contextOf, type Options, type Session, surveyOf, withSession } from './session.ts'

export interface PlanOptions extends Options {
  /** Markdown, to be read and followed by a person */
  readonly runbook?: boolean
}

interface Shown {
  readonly id: string
  readonly phase: string
  readonly title: string
  readonly after: readonly string[]
  readonly state: string
  readonly commands: readonly string[]
}

/** Prints the whole swap as the exact commands, SQL and files. Reads both sides, changes nothing. */
export const plan = (options: PlanOptions): Promise<void> =>
  withSession('plan', options, async (session) => {
    const context = contextOf(session, await surveyOf(session))
    await showSteps(session, wholePlan(context), options.runbook)
  })

/** Prints steps the way `plan` and every `--dry-run` do. */
export const showSteps = async (session: Session, steps: Plan, runbook = false): Promise<void> => {
  const shown: Shown[] = []
  for (const step of steps) shown.push(await show(session, step))
  const text =
    session.options.json === true ? JSON.stringify(shown, null, 2) : shown.map(runbook ? markdown : plain).join('\n')
  process.stdout.write(`${redact(text)}\n`)
}

const show = async (session: Session, step: Step): Promise<Shown> => ({
  id: step.id,
  phase: step.phase,
  title: step.title,
  after: step.after,
  state: stateOf(session.journal, step.id),
  commands: await commandsOf(step),
})

/** The very function that the run calls; what cannot be known yet says why. */
const commandsOf = async (step: Step): Promise<readonly string[]> => {
  try {
    return (await step.run()).flatMap((action) => describe(action))
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    return [`# known later: ${error.where}: ${error.message.split('\n')[0]}`]
  }
}

const plain = (step: Shown): string =>
  [
    `${step.state === 'done' ? '✔' : '·'} ${step.id}  ${step.title}`,
    ...step.commands.map((line) => `    ${line}`),
  ].join('\n')

const markdown = (step: Shown): string =>
  [
    `## ${step.id}: ${step.title}`,
    '',
    ...(step.commands.length === 0 ? ['Checks only.'] : ['```', ...step.commands, '```']),
    '',
  ].join('\n')
