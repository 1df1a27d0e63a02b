import { acceptances, judge } from '../checks/accepted.ts'
import { listed, runChecks } from '../checks/index.ts'
import type { Finding } from '../engine/step.ts'
import { refuse } from '../errors.ts'
import { recipes } from '../services/index.ts'
import { askSurvey } from '../source/survey.ts'
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
    const findings = await findingsOf(session, options.recreate === true)
    if (options.json === true) showJson(session, findings)
    heed(session, findings)
    session.reporter.note(`${listed.length} checks, nothing stands in the way`)
  })
}

/** Both sides are asked anew; the saved survey stays as it is. */
const findingsOf = async (session: Session, recreate: boolean): Promise<readonly Finding[]> => {
  const survey = await askSurvey(session.config, session.hosts, recipes)
  return runChecks(contextOf(session, survey), { recreate, journal: session.journal })
}

const showJson = (session: Session, findings: readonly Finding[]): void => {
  process.stdout.write(`${JSON.stringify(judge(findings, acceptances(session.journal)), null, 2)}\n`)
}

const refuseUnknown = ({ accept, reason }: CheckCommandOptions): void => {
  const unknown = accept.filter((id) => !listed.some((one) => one.id === id))
  if (unknown.length > 0)
    throw refuse('--accept', `no check is called '${unknown.join("', '")}'`, 'See: swapctl check --list')
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
