import { join, resolve } from 'node:path'
import { acceptances, type Judged, judge } from '../checks/accepted.ts'
import type { Context } from '../context.ts'
import { askCost } from '../cost/cost.ts'
import { costText } from '../cost/text.ts'
import { openSteps, stateOf } from '../engine/journal.ts'
import type { Plan } from '../engine/step.ts'
import { refuse, SwapError } from '../errors.ts'
import { wholePlan } from '../plan/plan.ts'
import { timelineOf } from '../plan/timeline.ts'
import { findRelease } from '../releases/release.ts'
import { pageOf } from '../report/page.ts'
import type { Proof, Report } from '../report/report.ts'
import { writeWhole } from '../state.ts'
import { askNextChecks } from './check.ts'
import { refuseUnwritable } from './files.ts'
import { served } from './revert-cost.ts'
import { contextOf, type Options, type Session, surveyOf, withSession } from './session.ts'
import { askStatus, standingLines } from './status.ts'

export interface ReportOptions extends Options {
  /** path of the page; report.html in the state directory when absent */
  readonly output?: string
}

/** Writes one page about the whole swap. Changes nothing on any machine. */
export const report = async (options: ReportOptions): Promise<void> => {
  if (options.output !== undefined) refuseUnwritable('--output', options.output)
  await withSession('report', options, async (session) => {
    const path = options.output === undefined ? join(session.config.state, 'report.html') : resolve(options.output)
    await write(path, pageOf(await askReport(session)))
    process.stdout.write(options.json === true ? `${JSON.stringify({ report: path })}\n` : `${path}\n`)
  })
}

const write = async (path: string, text: string): Promise<void> => {
  try {
    await writeWhole(path, text)
  } catch (error) {
    throw refuse(path, `cannot be written: ${(error as Error).message}`, 'Give another file: --output FILE')
  }
}

const askReport = async (session: Session): Promise<Report> => {
  const survey = await surveyOf(session)
  const context = contextOf(session, survey)
  const plan = wholePlan(context)
  const at = new Date()
  const status = await askStatus(session, plan, survey)
  const judged = await askJudged(session)
  return {
    swap: session.config.name,
    at,
    releases: `${[...new Set(survey.services.map(({ release }) => release))].join(', ')} to ${findRelease(session.config.release).name}`,
    phases: status.phases,
    next: status.next,
    standing: standingLines(status, at),
    failed: status.steps.flatMap(({ id, state, says = '' }) => (state === 'failed' ? [{ step: id, error: says }] : [])),
    left: status.left,
    timeline: timelineOf(plan, session.journal),
    ...(status.outage === undefined ? {} : { outage: status.outage }),
    ...(judged === undefined ? {} : { checks: judged }),
    accepted: session.journal.entries.flatMap((entry) =>
      entry.event === 'accepted' ? [{ check: entry.check, reason: entry.reason, at: entry.at }] : [],
    ),
    proofs: proofsOf(session, plan),
    cost: await askCostText(session, context),
  }
}

/** What the checks of the next command find now; undefined when nothing is left to check. */
const askJudged = async (session: Session): Promise<Judged | undefined> => {
  const findings = await askNextChecks(session)
  return findings === undefined ? undefined : judge(findings, acceptances(session.journal))
}

const proofsOf = ({ journal }: Session, plan: Plan): readonly Proof[] =>
  plan.flatMap(({ id, title }) => {
    const last = journal.entries.findLast((entry) => 'step' in entry && entry.step === id)
    if (last?.event !== 'done' || last.says === undefined || stateOf(journal, id) !== 'done') return []
    return [{ step: id, title, at: last.at, says: last.says }]
  })

const askCostText = async ({ journal }: Session, context: Context): Promise<string> => {
  if (!served(journal, openSteps(journal)))
    return 'The addresses have not moved: the new controller has served no client, a revert loses nothing.'
  try {
    return costText(await askCost(context))
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    return `Not known: ${error.where}: ${error.message}`
  }
}
