import { join } from 'node:path'
import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { askChanges, type Changes } from './compare.ts'
import { savedSnapshot } from './step.ts'
import { costText } from './text.ts'

/** What a revert would lose. */
export interface Cost extends Changes {
  /** ISO 8601, by the operator's clock */
  readonly asked: string
  /** UTC by the clock of the target's MariaDB: the time of the snapshot */
  readonly since: string
}

/** Where the full list is kept, as JSON and as text. */
export const costPaths = ({ config }: Pick<Context, 'config'>) => ({
  json: join(config.state, 'revert-cost.json'),
  text: join(config.state, 'revert-cost.txt'),
})

/**
 * Everything the new controller has accepted since the cutover. Throws SwapError when that is unknown: the target's
 * database does not answer, or the snapshot is missing.
 */
export const askCost = async (context: Context): Promise<Cost> => {
  const before = await savedSnapshot(context)
  if (before === undefined)
    throw new SwapError(
      context.config.state,
      'the snapshot of the new controller from the cutover (picture.json) is missing',
      'Restore it from a copy of the state directory',
    )
  const asked = new Date().toISOString()
  const changes = await withDatabase(context.hosts('target'), { readOnly: true }, (db) =>
    askChanges(db, context, before),
  )
  return { asked, since: before.at, ...changes }
}

/** Actions that write the full list to the state directory, readable by the operator only. */
export const costFiles = (context: Context, cost: Cost): readonly Action[] => {
  const paths = costPaths(context)
  const file = (path: string, content: string): Action => ({ kind: 'write', on: 'local', path, mode: '0600', content })
  return [
    file(paths.json, `${JSON.stringify(cost, null, 1)}\n`),
    file(paths.text, `${costText(cost, Number.POSITIVE_INFINITY)}\n`),
  ]
}
