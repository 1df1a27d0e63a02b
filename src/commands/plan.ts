import { describe } from '../engine/describe.ts'
import { stateOf } from '../engine/journal.ts'
import { asJson, forTerminal } from '../engine/printable.ts'
import type { Action, Plan, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { wholePlan } from '../plan.ts'
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
  /** machines that these commands change; what a pipe reads from is not changed */
  readonly changes: readonly string[]
  readonly undo: readonly string[]
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
    session.options.json === true ? asJson(shown, 2) : forTerminal(shown.map(runbook ? markdown : plain).join('\n'))
  process.stdout.write(`${text}\n`)
}

const show = async (session: Session, step: Step): Promise<Shown> => {
  const run = await known(step.run)
  const undo = await known(step.undo)
  return {
    id: step.id,
    phase: step.phase,
    title: step.title,
    after: step.after,
    state: stateOf(session.journal, step.id),
    commands: textOf(run),
    changes: typeof run === 'string' ? [] : [...new Set(run.map(changed))],
    undo: textOf(undo),
  }
}

/** The very function that the run calls; what cannot be known yet says why. */
const known = async (ask: Step['run']): Promise<readonly Action[] | string> => {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    return `# known later: ${error.where}: ${error.message.split('\n')[0]}`
  }
}

const textOf = (actions: readonly Action[] | string): readonly string[] =>
  typeof actions === 'string' ? [actions] : actions.flatMap((action) => describe(action))

const changed = (action: Action): string => (action.kind === 'pipe' ? action.to.on : action.on)

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
