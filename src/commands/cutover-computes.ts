import { isRetarget } from '../computes/retarget-step.ts'
import { askWorks } from '../computes/work.ts'
import { worksText } from '../computes/work-text.ts'
import { defaultBatch } from '../config.ts'
import type { Context } from '../context.ts'
import type { Plan } from '../engine/step.ts'
import { follow, inOrder } from './computes-retarget.ts'
import type { Session } from './session.ts'

const options = { withCuts: false }

/** Names what will be rewritten and restarted on the computes, before anything moves. */
export const tellComputes = async ({ reporter }: Session, context: Context, steps: Plan): Promise<void> => {
  if (!steps.some(isRetarget)) return
  const { works, silent } = await askWorks(context, options)
  reporter.note(`Once the cutover is confirmed, the computes follow:\n${worksText(works, silent)}`)
}

/** Steps that need agents which follow: they wait for their reports. */
const late = ['cutover/reports', 'cutover/foreign']

/**
 * Runs the steps of the cutover by `run`. Where computes have to follow, they do as soon as the addresses stay on the
 * target, and before their reports are waited for. A compute that fails is told, and holds up nothing.
 */
export const withComputes = async (
  session: Session,
  context: Context,
  steps: Plan,
  run: (steps: Plan) => Promise<void>,
): Promise<void> => {
  const own = steps.filter((step) => !isRetarget(step))
  const following = steps.filter(isRetarget)
  if (following.length > 0) {
    await run(own.filter(({ id }) => !late.includes(id)))
    const { works } = await askWorks(context, options)
    await follow(session, inOrder(following, works), defaultBatch)
  }
  await run(own)
}
