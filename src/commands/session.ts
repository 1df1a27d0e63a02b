import { access, constants, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { membersIn } from '../ask/members.ts'
import { refuseBeyond } from '../checks/sides.ts'
import { asRetargeted, isRetarget } from '../computes/retarget-step.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { asBegun } from '../cutover/rollback/data.ts'
import { identityOf } from '../engine/identity.ts'
import { onInterrupt } from '../engine/interrupt.ts'
import { type Journal, newestFirst, openJournal, openSteps, stateOf, unknownSteps } from '../engine/journal.ts'
import { self, takeLock } from '../engine/lock.ts'
import { lockMachines } from '../engine/machine-lock.ts'
import { createReporter, type Reporter } from '../engine/report.ts'
import type { Engine } from '../engine/run.ts'
import type { Plan } from '../engine/step.ts'
import { whenAborted } from '../engine/stopped.ts'
import { refuse, SwapError } from '../errors.ts'
import { refuseFinished } from '../finish/point.ts'
import { applyFixup } from '../fixups/apply.ts'
import type { SideMachine, SideName } from '../hosts/host.ts'
import { type OpenHosts, openHosts } from '../hosts/hosts.ts'
import { membersOf, ownName } from '../hosts/sides.ts'
import { limitsOf } from '../limits.ts'
import { recipes } from '../services/index.ts'
import { readSettings } from '../settings/settings.ts'
import { askSurvey, loadSurvey } from '../source/survey.ts'
import { follow } from '../staged/follow.ts'
import { makeDirectory } from '../state.ts'
import type { Survey } from '../survey.ts'
import { decisionsOf } from '../verify/schema-decisions.ts'

export interface Options {
  readonly config: string
  readonly json?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  /** take over the locks on the machines from any holder */
  readonly breakLock?: boolean
}

/** An open swap: settings, machines, journal, reporter. */
export interface Session {
  readonly options: Options
  readonly config: Config
  readonly hosts: OpenHosts
  readonly journal: Journal
  readonly reporter: Reporter
  readonly engine: Engine
}

/** Commands that need both sides to be supported; `revert` only undoes what was done. */
const changing: readonly string[] = [
  'prepare',
  'rehearse',
  'stage',
  'migrate',
  'cutover',
  'computes retarget',
  'finish',
]

/** Commands that only show something, and may need no machine: a password is asked for when one is reached. */
const showing: readonly string[] = ['status', 'plan', 'config', 'report', 'hop list']

/** Commands that change nothing. */
const isReading = (command: string, { dryRun }: Options): boolean =>
  dryRun === true || [...showing, 'check', 'computes list'].includes(command)

/**
 * Makes sure that the state directory can be used: creates it, readable by its owner only, unless the command only
 * reads. Throws SwapError (exit 2) when it cannot be created, read or written.
 */
const readyState = async ({ file, state }: Config, reading: boolean): Promise<void> => {
  try {
    if (!reading) await makeDirectory(state)
    else if (!(await stat(state)).isDirectory()) throw new Error('it is not a directory')
    await access(state, constants.X_OK | (reading ? constants.R_OK : constants.W_OK))
  } catch (error) {
    const { message: why, code } = error as NodeJS.ErrnoException
    if (reading && code === 'ENOENT') return
    throw refuse(file, `[swap] state: ${state} cannot be used: ${why}`, 'Name a directory that you may write to', error)
  }
}

/**
 * Opens the swap named in the settings, passes it to `work`, and always closes everything. Commands that change
 * something hold the lock meanwhile; dry runs and status only read.
 */
export const withSession = async <T>(
  command: string,
  options: Options,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  const config = readSettings(options.config)
  if (changing.includes(command)) refuseBeyond(config)
  const reporter = createReporter({ json: options.json === true })
  const reading = isReading(command, options)
  // A report is written there.
  await readyState(config, reading && command !== 'report')
  const release = reading ? undefined : await takeLock(config.state, command, reporter.note)
  const hosts = openHosts(config)
  const interrupt = onInterrupt(reporter.note, reading || command === 'verify')
  let opened: Journal | undefined
  let unlock: (() => Promise<void>) | undefined
  try {
    if (!showing.includes(command)) await hosts.askPasswords()
    if (!reading && command !== 'verify') unlock = await lockSides(config, hosts, command, options, reporter)
    const journal = await openJournal(join(config.state, 'journal.jsonl'), config.name, {
      source: keysOf(config, 'source'),
      target: keysOf(config, 'target'),
    })
    opened = journal
    if ([...changing.filter((one) => one !== 'finish'), 'revert', 'computes revert'].includes(command))
      refuseFinished(journal, config)
    const engine = {
      hosts,
      journal,
      parallel: config.parallel,
      reporter,
      fixups: applyFixup,
      follow,
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
    await unlock?.()
    await hosts.close()
    await release?.()
  }
}

/** A side's identity in the journal: its machines' host keys, in the order of the settings. */
const keysOf = (config: Config, side: SideName): string => config[side].machines.map(({ hostKey }) => hostKey).join(' ')

/** Locks the target first, because two swaps would both change it. */
const lockSides = async (
  config: Config,
  hosts: OpenHosts,
  command: string,
  { breakLock }: Options,
  { note }: Reporter,
): Promise<() => Promise<void>> => {
  const mine = { ...(await self(command)), swap: await identityOf(config.state), state: resolve(config.state) }
  return lockMachines([...membersOf(config, 'target'), ...membersOf(config, 'source')].map(hosts), {
    mine,
    broken: breakLock === true,
    say: note,
  })
}

/**
 * For questions, checks and proofs, which ignore signals. When a step is running, the engine reports more and is given
 * time to.
 */
const stoppedNow = async (command: string, journal: Journal, now: AbortSignal): Promise<never> => {
  const half = () => openSteps(journal).flatMap(({ id }) => (stateOf(journal, id) === 'begun' ? [id] : []))
  const stop = whenAborted(now, () => {
    const steps = half().length === 0 ? 'between two steps' : `unfinished: ${half().join(', ')}`
    return new SwapError('swapctl', `stopped immediately, ${steps}`, `Continue with: swapctl ${command}`)
  })
  await stop.catch(() => new Promise((wake) => setTimeout(wake, half().length === 0 ? 100 : 3_000)))
  return stop
}

/** A context with the recipes of the services found on the source. */
export const contextOf = (session: Session, survey: Survey): Context => ({
  config: asRetargeted(asBegun(session.config, session.journal), session.journal),
  survey,
  hosts: session.hosts,
  recipes: recipes.filter((recipe) => survey.services.some((service) => service.name === recipe.name)),
  decisions: decisionsOf(session.journal),
})

/** The survey saved by `prepare`; without one, both sides are asked now. */
export const surveyOf = async (session: Session): Promise<Survey> =>
  (await loadSurvey(session.config.state)) ?? (await askSurvey(session.config, session.hosts, recipes))

/** The context with the saved survey; refuses when `prepare` has not saved one. */
export const preparedContext = async (session: Session): Promise<Context> => {
  const survey = await loadSurvey(session.config.state)
  if (survey === undefined)
    throw refuse(session.config.state, 'this swap has not been prepared', 'Run: swapctl prepare')
  return contextOf(session, survey)
}

/** Whether the settings name the machines of the source that were asked for this survey. */
export const isOfMembers = (survey: Survey, config: Config): boolean => {
  const asked = membersIn(survey, config).map(({ name }) => name)
  return asked.join(' ') === membersOf(config, 'source').join(' ')
}

/** Refuses to go on with other machines of the source than those that `prepare` has asked. */
export const refuseOtherMembers = ({ survey, config }: Context): void => {
  if (isOfMembers(survey, config)) return
  const list = (names: readonly SideMachine[]): string => names.map(ownName).join(', ')
  throw refuse(
    config.file,
    `the source has ${list(membersOf(config, 'source'))}; when it was prepared it had ${list(membersIn(survey, config).map(({ name }) => name))}`,
    'Run: swapctl prepare. Once migrate has begun, only the machines of then can go on or back: put their sections back',
  )
}

/** Refuses unless every step of an earlier phase is done. */
export const requireDone = (session: Session, steps: Plan, command: string): void => {
  const open = steps.filter((step) => stateOf(session.journal, step.id) !== 'done')
  if (open.length === 0) return
  const named = open.map((step) => `${step.id}  ${step.title}`).join('\n  ')
  throw refuse('journal', `these steps are not done:\n  ${named}`, `Run: swapctl ${command}`)
}

/** Refuses what only makes sense while the source serves. */
export const refuseFrozen = ({ journal }: Pick<Session, 'journal'>, command: string): void => {
  const begun = newestFirst(journal, ['migrate', 'cutover'])
  if (begun.length > 0)
    throw refuse(command, `too late: ${begun[0]} has begun`, 'Continue: swapctl migrate, or go back: swapctl revert')
}

/**
 * Refuses to continue after steps that this list does not have, because what they changed is unknown; a compute that is
 * no longer in the settings holds up nothing. `steps`: the whole plan, including everything that options may add.
 */
export const refuseUnknown = ({ journal }: Pick<Session, 'journal'>, steps: Plan): void => {
  const unknown = unknownSteps(journal, steps).filter((step) => !isRetarget(step))
  if (unknown.length === 0) return
  const prepared = unknown.every(({ phase }) => phase === 'prepare' || phase === undefined)
  throw refuse(
    'journal',
    `these steps were done, but are no longer in the plan:\n  ${unknown.map(({ id, title }) => `${id}  ${title}`).join('\n  ')}`,
    prepared
      ? 'Use the swapctl version and settings that did them, or undo them: swapctl prepare'
      : 'Use the swapctl version and settings that did them; swapctl revert undoes them without the plan',
  )
}
