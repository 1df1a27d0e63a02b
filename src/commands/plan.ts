import { changedBy } from '../engine/declared.ts'
import { describe } from '../engine/describe.ts'
import { stateOf } from '../engine/journal.ts'
import type { Action, Plan, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { limiter } from '../hosts/limiter.ts'
import { wholePlan } from '../plan/plan.ts'
import { asJson, forTerminal } from '../text/printable.ts'
import { contextOf, type Options, type Session, surveyOf, withSession } from './session.ts'

export interface PlanOptions extends Options {
  /** Markdown for a person to follow */
  readonly runbook?: boolean
}

interface Shown {
  readonly id: string
  readonly phase: string
  readonly title: string
  readonly after: readonly string[]
  readonly state: string
  readonly commands: readonly string[]
  /** machines that these commands change; the machine that a pipe reads from is not one of them */
  readonly changes: readonly string[]
  readonly undo: readonly string[]
}

/** Prints the whole swap as exact commands, SQL and files. Reads both sides, changes nothing. */
export const plan = (options: PlanOptions): Promise<void> =>
  withSession('plan', options, async (session) => {
    const context = contextOf(session, await surveyOf(session))
    await showSteps(session, wholePlan(context), options.runbook)
  })

/** Steps whose questions are asked side by side. */
const atOnce = 8

/** Prints steps for `plan` and every `--dry-run`. */
export const showSteps = async (session: Session, steps: Plan, runbook = false): Promise<void> => {
  const inTurn = limiter(atOnce)
  const shown = await Promise.all(steps.map((step) => inTurn(() => show(session, step))))
  const text =
    session.options.json === true ? asJson(shown, 2) : forTerminal(shown.map(runbook ? markdown : plain).join('\n'))
  process.stdout.write(`${text}\n`)
}

const show = async (session: Session, step: Step): Promise<Shown> => {
  const waits = step.after.filter((id) => stateOf(session.journal, id) !== 'done')
  const run = await known(step.run, waits)
  const undo = await known(step.undo, waits)
  return {
    id: step.id,
    phase: step.phase,
    title: step.title,
    after: step.after,
    state: stateOf(session.journal, step.id),
    commands: [...textOf(run), ...later(step)],
    changes: [...new Set([...(typeof run === 'string' ? [] : changedBy(run)), ...(step.keeps ? ['local'] : [])])],
    undo: textOf(undo),
  }
}

/**
 * Asks the same function as the runner. Where the answer is not known yet, returns the steps it waits for; until those
 * are done, a machine without MariaDB is not an error. When nothing is left to wait for, returns the error.
 */
export const known = async (ask: Step['run'], waits: readonly string[]): Promise<readonly Action[] | string> => {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    if (waits.length > 0) return `# known once these steps are done: ${waits.join(', ')}`
    return `# known later: ${error.where}: ${error.message.split('\n')[0]}`
  }
}

const textOf = (actions: readonly Action[] | string): readonly string[] =>
  typeof actions === 'string' ? [actions] : actions.flatMap((action) => describe(action))

/** What the runner will do besides: known to happen, content not known yet. */
const later = ({ again, keeps = [] }: Step): readonly string[] => [
  ...(again === undefined ? [] : ['# repeat until it has worked']),
  ...keeps.map(({ path }) => `local: write ${path}, mode 0600: the state at that time`),
]

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
