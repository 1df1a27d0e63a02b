import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { asBegun } from '../cutover/putback/data.ts'
import { onInterrupt } from '../engine/interrupt.ts'
import { type Journal, openJournal, openSteps, stateOf } from '../engine/journal.ts'
import { takeLock } from '../engine/lock.ts'
import { createReporter, type Reporter } from '../engine/report.ts'
import type { Engine } from '../engine/run.ts'
import type { Plan } from '../engine/step.ts'
import { whenAborted } from '../engine/stopped.ts'
import { refuse, SwapError } from '../errors.ts'
import { refuseFinished } from '../finish/point.ts'
import { applyFixup } from '../fixups/apply.ts'
import { type OpenHosts, openHosts } from '../hosts/hosts.ts'
import { limitsOf } from '../limits.ts'
import { recipes } from '../services/index.ts'
import { readSettings } from '../settings.ts'
import { askSurvey, loadSurvey } from '../source/survey.ts'
import type { Survey } from '../survey.ts'

/** What every command line may carry. */
export interface Options {
  readonly config: string
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** An open swap: settings, machines, journal, and a voice. */
export interface Session {
  readonly options: Options
  readonly config: Config
  readonly hosts: OpenHosts
  readonly journal: Journal
  readonly reporter: Reporter
  readonly engine: Engine
}

/**
 * Opens the swap that the settings name, gives it to `work`, and closes everything whatever happens. Commands that
 * change something hold the lock meanwhile; a dry run and status only read.
 */
export const withSession = async <T>(
  command: string,
  options: Options,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  const config = readSettings(options.config)
  await mkdir(config.state, { recursive: true, mode: 0o700 })
  const reporter = createReporter({ json: options.json === true })
  const reading = options.dryRun === true || ['status', 'plan', 'check'].includes(command)
  const release = reading ? undefined : await takeLock(config.state, command, reporter.note)
  const hosts = openHosts(config)
  const interrupt = onInterrupt(reporter.note, reading || command === 'verify')
  let opened: Journal | undefined
  try {
    const journal = await openJournal(join(config.state, 'journal.jsonl'), config.name, {
      source: config.source.hostKey,
      target: config.target.hostKey,
    })
    opened = journal
    if (['prepare', 'migrate', 'cutover', 'revert'].includes(command)) refuseFinished(journal, config)
    const engine = {
      hosts,
      journal,
      parallel: config.parallel,
      reporter,
      fixups: applyFixup,
      limits: limitsOf(config),
      signal: interrupt.signal,
      now: interrupt.now,
    }
    const stop = stoppedNow(command, journal, interrupt.now)
    stop.catch(() => {})
    return await Promise.race([work({ options, config, hosts, journal, reporter, engine }), stop])
  } finally {
    interrupt.dispose()
    reporter.close()
    await opened?.close()
    await hosts.close()
    await release?.()
  }
}

/** For questions, checks and proofs, which do not listen. Where a step is running the engine says more, and is given the time. */
const stoppedNow = async (command: string, journal: Journal, now: AbortSignal): Promise<never> => {
  const half = () => openSteps(journal).flatMap(({ id }) => (stateOf(journal, id) === 'begun' ? [id] : []))
  const stop = whenAborted(now, () => {
    const steps = half().length === 0 ? 'between two steps' : `left half way: ${half().join(', ')}`
    return new SwapError('swapctl', `stopped at once, ${steps}`, `Go on with: swapctl ${command}`)
  })
  await stop.catch(() => new Promise((wake) => setTimeout(wake, half().length === 0 ? 100 : 3_000)))
  return stop
}

/** The recipes of the services that the survey found on the source. */
export const contextOf = (session: Session, survey: Survey): Context => ({
  config: asBegun(session.config, session.journal),
  survey,
  hosts: session.hosts,
  recipes: recipes.filter((recipe) => survey.services.some((service) => service.name === recipe.name)),
})

/** The survey that `prepare` saved; without one, both sides are asked now. */
export const surveyOf = async (session: Session): Promise<Survey> =>
  (await loadSurvey(session.config.state)) ?? (await askSurvey(session.config, session.hosts, recipes))

/** The saved survey, or a refusal: this command goes on from what `prepare` did. */
export const preparedContext = async (session: Session): Promise<Context> => {
  const survey = await loadSurvey(session.config.state)
  if (survey === undefined)
    throw refuse(session.config.state, 'this swap has not been prepared', 'Run: swapctl prepare')
  return contextOf(session, survey)
}

/** Refuses unless every step of an earlier phase is done. */
export const requireDone = (session: Session, steps: Plan, command: string): void => {
  const open = steps.filter((step) => stateOf(session.journal, step.id) !== 'done')
  if (open.length === 0) return
  const named = open.map((step) => `${step.id}  ${step.title}`).join('\n  ')
  throw refuse('journal', `these steps are not done:\n  ${named}`, `Run: swapctl ${command}`)
}
