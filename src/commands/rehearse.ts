import type { Context } from '../context.ts'
import { stateOf } from '../engine/journal.ts'
import { awaitBrokenOff, execute } from '../engine/run.ts'
import type { Plan } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { ofPhase, wholePlan } from '../plan/plan.ts'
import { predict } from '../plan/prediction.ts'
import { predictionText } from '../plan/prediction-text.ts'
import { type Rehearsal, rehearsalPath } from '../plan/rehearsal.ts'
import { refuseFull } from '../rehearse/room.ts'
import { lostText, savedLost } from '../rehearse/rows.ts'
import { recipeOf } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import { stateText, writeWhole } from '../state.ts'
import { asJson } from '../text/printable.ts'
import { redact } from '../text/redact.ts'
import { showSteps } from './plan.ts'
import { clearRehearsal, forgetRehearsed } from './rehearsal.ts'
import { recipesOf } from './services.ts'
import {
  type Options,
  preparedContext,
  refuseFrozen,
  refuseOtherMembers,
  refuseUnknown,
  requireDone,
  type Session,
  withSession,
} from './session.ts'

export interface RehearseOptions extends Options {
  readonly service: readonly string[]
}

/**
 * While the source serves, carries copies of its databases with all their rows through the hops on the target, removes
 * them, and predicts the freeze. Exit code 1 when something failed that would fail in the freeze too.
 */
export const rehearse = async (options: RehearseOptions): Promise<void> => {
  for (const one of options.service) recipeOf(one)
  await withSession('rehearse', options, async (session) => {
    refuseFrozen(session, 'rehearse')
    const context = await preparedContext(session)
    refuseOtherMembers(context)
    const plan = wholePlan(context)
    refuseUnknown(session, plan)
    requireDone(session, ofPhase(plan, 'prepare'), 'prepare')
    const recipes = recipesOf(context, options.service)
    const steps = stepsOf(ofPhase(plan, 'rehearse'), recipes)
    if (options.dryRun === true) return showSteps(session, steps)
    await awaitBrokenOff(session.engine, session.reporter.note)
    await clearRehearsal(session)
    await refuseFull(context, recipes)
    const rehearsal = await performRehearsal(session, context, recipes, plan)
    await writeWhole(rehearsalPath(session.config), stateText(rehearsal))
    tell(session, rehearsal)
    refuseFailed(rehearsal)
  })
}

const stepsOf = (steps: Plan, recipes: readonly Pick<Recipe, 'name'>[]): Plan =>
  steps.filter(({ service }) => recipes.some(({ name }) => name === service))

type Needs = Pick<Session, 'engine' | 'journal' | 'reporter'>

/** Runs it, removes what failed services left, and says what was found. `plan`: the whole swap. */
export const performRehearsal = async (
  session: Needs,
  context: Context,
  recipes: readonly Recipe[],
  plan: Plan,
): Promise<Rehearsal> => {
  const steps = stepsOf(ofPhase(plan, 'rehearse'), recipes)
  await forgetRehearsed(
    session,
    steps.map(({ id }) => id),
  )
  const failed = await runAll(session, steps)
  await clearRehearsal(
    session,
    failed.map(({ service }) => service),
  )
  const good = recipes.filter(({ name }) => !failed.some(({ service }) => service === name))
  const lost = (await Promise.all(good.map((recipe) => savedLost(context, recipe)))).flat()
  const freeze = predict(ofPhase(plan, 'migrate'), context.config.parallel, session.journal)
  return {
    at: new Date().toISOString(),
    services: recipes.map(({ name }) => name),
    failed,
    lost: lost.map(lostText),
    ...(freeze === undefined || failed.length > 0 ? {} : { freeze }),
  }
}

/** A service that fails does not stop the others. Throws what is no failure of a step: the rehearsal was stopped. */
const runAll = async ({ engine, journal }: Needs, steps: Plan): Promise<Rehearsal['failed']> => {
  const failed: { service: string; says: string }[] = []
  let left = steps
  while (left.length > 0) {
    try {
      await execute(left, engine)
      return failed
    } catch (error) {
      if (!(error instanceof SwapError) || engine.signal?.aborted || engine.now?.aborted) throw error
      const first = left.find(({ id }) => id === error.where)
      const broken = left.filter((step) => step === first || stateOf(journal, step.id) === 'failed')
      if (first === undefined) throw error
      for (const { id, service = '' } of broken) failed.push({ service, says: redact(saysOf(id, error, journal)) })
      const services = new Set(broken.map(({ service }) => service))
      left = left.filter(({ service }) => !services.has(service))
    }
  }
  return failed
}

const saysOf = (id: string, error: SwapError, { entries }: Session['journal']): string => {
  const { cause } = error
  if (error.where === id) return `${id}: ${error.message}${cause instanceof SwapError ? `\n${cause.next}` : ''}`
  const last = entries.findLast((entry) => entry.event === 'failed' && entry.step === id)
  return `${id}: ${last?.event === 'failed' ? last.error : 'failed'}`
}

const tell = ({ reporter, options, config }: Session, rehearsal: Rehearsal): void => {
  const { lost, freeze, failed } = rehearsal
  if (options.json === true)
    process.stdout.write(`${asJson({ event: 'rehearsed', swap: config.name, ...rehearsal })}\n`)
  if (lost.length > 0)
    reporter.note(`These tables had more rows before the hops. Look whether that is meant:\n  ${lost.join('\n  ')}`)
  if (failed.length > 0 || options.json === true) return
  if (freeze !== undefined) reporter.note(predictionText(freeze))
  reporter.note(
    'Nothing failed, and the copies are removed. Not rehearsed: services, their lists, files, what computes do. Next: swapctl migrate',
  )
}

/** The source still serves and the copies are gone: only the data or the tools must be corrected. */
const refuseFailed = ({ failed, services }: Rehearsal): void => {
  if (failed.length === 0) return
  throw new SwapError(
    'rehearse',
    `${new Set(failed.map(({ service }) => service)).size} of ${services.length} services failed, as they would in the freeze:\n${failed.map(({ says }) => says).join('\n')}`,
    'The source was not touched, and the copies are removed. Correct the rows on the source, or what else is named, then run: swapctl rehearse',
  )
}
