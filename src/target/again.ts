import { variables } from '../ask/facts-mariadb.ts'
import { ask, askMaybe } from '../ask/question.ts'
import type { Context } from '../context.ts'
import type { Action, Plan, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { accountsStep } from './accounts.ts'
import { serverStep } from './mariadb.ts'
import { memcachedStep } from './memcached.ts'
import { brokerStep, definitionsStep } from './rabbitmq.ts'

/** Whether a step's proof, which compares both sides, still succeeds. */
const holds = async (step: Step): Promise<boolean> => {
  try {
    await step.proof?.()
    return true
  } catch (error) {
    if (error instanceof SwapError) return false
    throw error
  }
}

/** Whether the files that a step would write exist with that content. */
const written = async ({ hosts }: Context, actions: readonly Action[]): Promise<boolean> => {
  for (const action of actions) {
    if (action.kind !== 'write') continue
    const now = await askMaybe(hosts(action.on), { argv: ['cat', action.path], parse: (text) => text })
    if (now !== action.content) return false
  }
  return true
}

type Same = (actions: readonly Action[]) => Promise<boolean>

/** A step of `prepare` repeated for later changes on the source; does nothing when nothing has changed. */
const again = (id: string, step: Step, after: readonly string[], same: Same): Step => ({
  id,
  phase: 'migrate',
  title: `Repeat for changes since prepare: ${step.title}`,
  after,
  changes: step.changes,
  run: async () => {
    const actions = await step.run()
    return (await same(actions)) ? [] : actions
  },
  undo: step.undo,
  ...(step.proof === undefined ? {} : { proof: step.proof }),
})

/** MariaDB's settings come from the survey; here from a new one. */
const serverAgain = (context: Context, after: readonly string[]): Step => {
  const now = async (): Promise<Step> => {
    const mariadb = await ask(context.hosts('source'), variables)
    return serverStep({ ...context, survey: { ...context.survey, source: { ...context.survey.source, mariadb } } })
  }
  const { title } = serverStep(context)
  return {
    id: 'freeze/mariadb',
    phase: 'migrate',
    title: `Repeat for changes since prepare: ${title}`,
    after,
    changes: ['target'],
    run: async () => {
      const step = await now()
      return (await step.done?.()) === undefined ? step.run() : []
    },
    undo: async () => [],
    proof: async () => (await (await now()).proof?.()) ?? '',
  }
}

/**
 * Accounts and settings were copied while the source was serving, and a password may have changed since. After the
 * freeze they are compared again, and what differs is copied again. Everything that uses the target's servers waits for
 * this.
 */
export const againSteps = (context: Context, after: readonly string[]): Plan => {
  const files: Same = (actions) => written(context, actions)
  const [accounts, definitions] = [accountsStep(context), definitionsStep(context)]
  return [
    serverAgain(context, after),
    again('freeze/accounts', accounts, ['freeze/mariadb'], () => holds(accounts)),
    again('freeze/rabbitmq', brokerStep(context), after, files),
    again('freeze/definitions', definitions, ['freeze/rabbitmq'], () => holds(definitions)),
    again('freeze/memcached', memcachedStep(context), after, files),
  ]
}
