import { acceptances, judge } from '../checks/accepted.ts'
import { checksBefore, listed, runChecks } from '../checks/index.ts'
import type { Context } from '../context.ts'
import { type Journal, newestFirst, stateOf } from '../engine/journal.ts'
import { asJson } from '../engine/printable.ts'
import type { Finding, Phase } from '../engine/step.ts'
import { refuse } from '../errors.ts'
import { ofPhase, wholePlan } from '../plan.ts'
import { recipes } from '../services/index.ts'
import { askSurvey, loadSurvey } from '../source/survey.ts'
import { heed } from './findings.ts'
import { contextOf, type Options, type Session, withSession } from './session.ts'

export interface CheckCommandOptions extends Options {
  readonly list?: boolean
  readonly recreate?: boolean
  readonly accept: readonly string[]
  readonly reason?: string
}

/** Asks both sides everything that `prepare` and `migrate` ask first, and shows all findings; a block is exit code 2. */
export const check = async (options: CheckCommandOptions): Promise<void> => {
  if (options.list === true) return showList(options.json === true)
  refuseUnknown(options)
  await withSession(options.accept.length > 0 ? 'check --accept' : 'check', options, async (session) => {
    const reason = options.reason?.trim() ?? ''
    for (const id of options.accept) await session.journal.append({ event: 'accepted', check: id, reason })
    const { before, context } = await nextOf(session)
    const findings = await runChecks(context, { recreate: options.recreate === true, journal: session.journal, before })
    heed(session, findings)
    session.reporter.note(`nothing stands in the way of swapctl ${before}`)
    if (options.json === true) showJson(session, findings)
  })
}

interface Next {
  readonly before: Phase
  readonly context: Context
}

/**
 * The command whose checks are asked, and what it would go by: the survey of `prepare`, or one that is made now and not
 * kept. Between the freeze and the end of `migrate` there is nothing to check: the services stand still on purpose.
 */
const nextOf = async (session: Session): Promise<Next> => {
  refusePast(session.journal)
  const survey = await loadSurvey(session.config.state)
  if (survey !== undefined) {
    const context = contextOf(session, survey)
    const steps = ofPhase(wholePlan(context), 'prepare')
    if (stateOf(session.journal, 'migrate/untouched') === 'done') return { before: 'cutover', context }
    if (steps.every((step) => stateOf(session.journal, step.id) === 'done')) return { before: 'migrate', context }
  }
  const now = await askSurvey(session.config, session.hosts, recipes)
  return { before: 'prepare', context: contextOf(session, now) }
}

/** Pure. */
export const refusePast = (journal: Pick<Journal, 'entries'>): void => {
  const past = (what: string, next: string) =>
    refuse(
      'check',
      `${what}: nothing is left that could be checked before`,
      `Go on: swapctl ${next}, or go back: swapctl revert`,
    )
  if (newestFirst(journal, ['cutover']).length > 0) throw past('the cutover has begun', 'cutover')
  if (newestFirst(journal, ['migrate']).length > 0 && stateOf(journal, 'migrate/untouched') !== 'done')
    throw past('the freeze has begun', 'migrate')
}

/** One line, as all that --json prints: the last one on standard output is the result; of a refusal it holds the error too. */
const showJson = (session: Session, findings: readonly Finding[]): void => {
  process.stdout.write(`${asJson(judge(findings, acceptances(session.journal)))}\n`)
}

const refuseUnknown = ({ accept, reason }: CheckCommandOptions): void => {
  const unknown = accept.filter((id) => !listed.some((one) => one.id === id))
  if (unknown.length > 0)
    throw refuse('--accept', `no check is called '${unknown.join("', '")}'`, 'See: swapctl check --list')
  const last = accept.filter(
    (id) =>
      !checksBefore('prepare')
        .concat(checksBefore('migrate'))
        .some((one) => one.id === id),
  )
  if (last.length > 0)
    throw refuse(
      '--accept',
      `${last.join(', ')} cannot be accepted: the addresses would move into it`,
      'Mend what it finds',
    )
  if (accept.length > 0 && (reason ?? '').trim() === '')
    throw refuse('--accept', 'say why it may be', 'Add: --reason "what you looked at, and who knows of it"')
}

const showList = (json: boolean): void => {
  const wide = Math.max(...listed.map(({ id }) => id.length))
  const lines = listed.map(
    ({ id, level, title, source }) =>
      `${level.padEnd(5)}  ${id.padEnd(wide)}  ${title}\n${' '.repeat(wide + 9)}${source}`,
  )
  process.stdout.write(json ? `${JSON.stringify(listed, null, 2)}\n` : `${lines.join('\n')}\n`)
}
