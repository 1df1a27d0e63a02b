import { acceptances, judge } from '../checks/accepted.ts'
import { checksBefore, listed, runChecks } from '../checks/index.ts'
import type { Context } from '../context.ts'
import { type Journal, newestFirst, stateOf } from '../engine/journal.ts'
import type { Finding, Phase } from '../engine/step.ts'
import { refuse } from '../errors.ts'
import { ofPhase, wholePlan } from '../plan/plan.ts'
import { recipes } from '../services/index.ts'
import { askSurvey, loadSurvey } from '../source/survey.ts'
import type { Survey } from '../survey.ts'
import { asJson } from '../text/printable.ts'
import { decided, decisionOf } from '../verify/schema-decisions.ts'
import { savedTried, type TriedDatabase } from '../verify/schema-tried.ts'
import { reportFindings } from './findings.ts'
import { contextOf, isOfMembers, type Options, type Session, withSession } from './session.ts'

export interface CheckCommandOptions extends Options {
  readonly list?: boolean
  readonly recreate?: boolean
  readonly accept: readonly string[]
  readonly reason?: string
}

/** Runs all checks of the next command on both sides and shows every finding; a block means exit code 2. */
export const check = async (options: CheckCommandOptions): Promise<void> => {
  if (options.list === true) return showList(options.json === true)
  refuseUnknown(options)
  await withSession(options.accept.length > 0 ? 'check --accept' : 'check', options, async (session) => {
    const reason = options.reason?.trim() ?? ''
    await refuseUndecidable(session, options.accept)
    const decides = frozen(session.journal) && options.accept.length > 0 && options.accept.every(isDecision)
    // Asked first, so that a refusal has written nothing.
    const next = decides ? undefined : await nextOf(session)
    for (const id of options.accept) await session.journal.append({ event: 'accepted', check: id, reason })
    if (next === undefined) return session.reporter.note('recorded. Next: swapctl migrate')
    const { before, context } = next
    const findings = await runChecks(context, { recreate: options.recreate === true, journal: session.journal, before })
    reportFindings(session, findings)
    session.reporter.note(hopsText(context.survey))
    session.reporter.note(`no check blocks swapctl ${before}`)
    if (options.json === true) showJson(session, findings)
  })
}

const isDecision = (id: string): boolean => decisionOf(id, '') !== undefined

const frozen = (journal: Pick<Journal, 'entries'>): boolean =>
  newestFirst(journal, ['migrate']).length > 0 && stateOf(journal, 'migrate/untouched') !== 'done'

/** A schema decision that matches nothing prepare has found is a typo. In the window the proof knows more. */
const refuseUndecidable = async (session: Session, accepted: readonly string[]): Promise<void> => {
  const decisions = accepted.flatMap((id) => decisionOf(id, '') ?? [])
  const survey = await loadSurvey(session.config.state)
  if (decisions.length === 0 || frozen(session.journal)) return
  const databases = survey === undefined ? [] : await everyTried(contextOf(session, survey))
  const unfit = decisions.filter(
    (decision) =>
      !databases.some(({ name, findings }) => findings.some((one) => decided([decision], name, one) !== undefined)),
  )
  if (unfit.length > 0)
    throw refuse(
      '--accept',
      `no schema difference that prepare found fits: ${unfit.map(({ choice, path }) => `schema/${choice}/${path}`).join(', ')}`,
      'swapctl check lists each difference and its valid choices',
    )
}

const everyTried = async (context: Context): Promise<readonly TriedDatabase[]> =>
  (await Promise.all(context.recipes.map((recipe) => savedTried(context, recipe)))).flatMap(
    (tried) => tried?.databases ?? [],
  )

/** The releases each schema passes on its way: 'nova: through zed'; says so when there are none. */
export const hopsText = ({ services }: Pick<Survey, 'services'>): string => {
  const through = services.flatMap(({ name, databases }) => {
    const between = [...new Set(databases.flatMap(({ hops }) => hops.slice(0, -1)))]
    return between.length === 0 ? [] : [`${name}: through ${between.join(', ')}`]
  })
  return through.length > 0
    ? `schemas are upgraded through intermediate releases: ${through.join('; ')}`
    : 'no intermediate release is needed: the schemas go to the target release in one step'
}

interface Next {
  readonly before: Phase
  readonly context: Context
}

/**
 * The command whose checks to run, and the survey to use: the one of `prepare`, or a new one that is not kept. Between
 * the freeze and the end of `migrate` nothing can be checked, because the services are stopped on purpose.
 */
const nextOf = async (session: Session): Promise<Next> => {
  refusePast(session.journal)
  const survey = await loadSurvey(session.config.state)
  if (survey !== undefined && isOfMembers(survey, session.config)) {
    const context = contextOf(session, survey)
    const steps = ofPhase(wholePlan(context), 'prepare')
    if (stateOf(session.journal, 'migrate/untouched') === 'done') return { before: 'cutover', context }
    if (steps.every((step) => stateOf(session.journal, step.id) === 'done')) return { before: 'migrate', context }
  }
  const now = await askSurvey(session.config, session.hosts, recipes)
  return { before: 'prepare', context: contextOf(session, now) }
}

/** The command that has begun and leaves nothing to check; undefined when there is something. */
const past = (journal: Pick<Journal, 'entries'>): 'cutover' | 'migrate' | undefined => {
  if (newestFirst(journal, ['cutover']).length > 0) return 'cutover'
  return frozen(journal) ? 'migrate' : undefined
}

/** Refuses (exit code 2) when nothing is left to check. */
export const refusePast = (journal: Pick<Journal, 'entries'>): void => {
  const begun = past(journal)
  if (begun === undefined) return
  const what = begun === 'cutover' ? 'the cutover has begun' : 'the freeze has begun'
  throw refuse(
    'check',
    `${what}: there is nothing left to check`,
    `Continue: swapctl ${begun}, or go back: swapctl revert`,
  )
}

/** Runs the checks of the next command; undefined when nothing is left to check. */
export const askNextChecks = async (session: Session): Promise<readonly Finding[] | undefined> => {
  if (past(session.journal) !== undefined) return undefined
  const { before, context } = await nextOf(session)
  return runChecks(context, { recreate: false, journal: session.journal, before })
}

/** With --json the last line on standard output is the result; after a refusal it includes the error. */
const showJson = (session: Session, findings: readonly Finding[]): void => {
  process.stdout.write(`${asJson(judge(findings, acceptances(session.journal)))}\n`)
}

const refuseUnknown = ({ accept, reason }: CheckCommandOptions): void => {
  const ids = accept.filter((id) => !isDecision(id))
  const unknown = ids.filter((id) => !listed.some((one) => one.id === id))
  if (unknown.length > 0)
    throw refuse('--accept', `no such check: '${unknown.join("', '")}'`, 'See: swapctl check --list')
  if (ids.includes('database/schema'))
    throw refuse(
      '--accept',
      'database/schema cannot be accepted as a whole: the proof during migrate would still fail',
      'Decide each difference: --accept schema/match/PATH, schema/drop/PATH or schema/keep/PATH',
    )
  const last = ids.filter(
    (id) =>
      !checksBefore('prepare')
        .concat(checksBefore('migrate'))
        .some((one) => one.id === id),
  )
  if (last.length > 0)
    throw refuse('--accept', `${last.join(', ')} cannot be accepted: the cutover would fail on it`, 'Fix the finding')
  if (accept.length > 0 && (reason ?? '').trim() === '')
    throw refuse('--accept', 'a reason is required', 'Add: --reason "what you checked, and who knows about it"')
}

const showList = (json: boolean): void => {
  const wide = Math.max(...listed.map(({ id }) => id.length))
  const lines = listed.map(({ id, level, title, source, why, remedy }) =>
    [
      `${level.padEnd(5)}  ${id.padEnd(wide)}  ${title}`,
      ...[why, remedy, source].map((one) => `${' '.repeat(wide + 9)}${one}`),
    ].join('\n'),
  )
  process.stdout.write(json ? `${JSON.stringify(listed, null, 2)}\n` : `${lines.join('\n')}\n`)
}
