import { join } from 'node:path'
import type { Context } from '../context.ts'
import { perform } from '../engine/perform.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { askChanges, type Changes } from './compare.ts'
import { savedPicture } from './step.ts'
import { costText } from './text.ts'

/** What going back gives up. */
export interface Cost extends Changes {
  /** ISO 8601, by the operator's clock */
  readonly asked: string
  /** UTC by the clock of the target's MariaDB: when the picture was taken that this is compared with */
  readonly since: string
}

/** Where the whole list is kept: as data and as text. */
export const costPaths = ({ config }: Pick<Context, 'config'>) => ({
  json: join(config.state, 'revert-cost.json'),
  text: join(config.state, 'revert-cost.txt'),
})

/**
 * Everything that the new controller has accepted since the cutover. Throws SwapError when that cannot be told: the
 * target's database does not answer, or the picture of the cutover is lost.
 */
export const askCost = async (context: Context): Promise<Cost> => {
  const before = await savedPicture(context)
  if (before === undefined)
    throw new SwapError(
      context.config.state,
      'the picture that the cutover took of the new controller (picture.json) is not there',
      'Put it back from a copy of the state directory',
    )
  const asked = new Date().toISOString()
  const changes = await withDatabase(context.hosts('target'), { readOnly: true }, (db) =>
    askChanges(db, context, before),
  )
  return { asked, since: before.at, ...changes }
}

/** Keeps the whole list in the state directory, for nobody else to read. */
export const saveCost = async (context: Context, cost: Cost): Promise<void> => {
  const paths = costPaths(context)
  const write = (path: string, content: string) =>
    perform(
      { kind: 'write', on: 'local', path, mode: '0600', content },
      { hosts: context.hosts, fixups: async () => '' },
    )
  await write(paths.json, `${JSON.stringify(cost, null, 1)}\n`)
  await write(paths.text, `${costText(cost, Number.POSITIVE_INFINITY)}\n`)
}
