import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { rowsOf } from './compare-tables.ts'
import { askPicture, type Picture } from './picture.ts'

const pathOf = (context: Pick<Context, 'config'>): string => join(context.config.state, 'picture.json')

/** The picture that the cutover took; undefined when there is none. */
export const savedPicture = async (context: Pick<Context, 'config'>): Promise<Picture | undefined> => {
  try {
    return JSON.parse(await readFile(pathOf(context), 'utf8')) as Picture
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Taken before anybody is served by the new controller: whatever differs from it later, the new controller has accepted. */
export const pictureStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/picture',
  phase: 'cutover',
  title: 'Note what the new controller holds before it serves anybody: what a revert costs is told by it',
  after,
  run: async () => {
    const picture = await withDatabase(context.hosts('target'), { readOnly: true }, (db) => askPicture(db, context))
    return [
      { kind: 'write', on: 'local', path: pathOf(context), mode: '0600', content: `${JSON.stringify(picture)}\n` },
    ]
  },
  undo: nothing,
  proof: async () => {
    const picture = await savedPicture(context)
    if (picture === undefined)
      throw new SwapError('local', `${pathOf(context)} is not there`, 'See whether the disk is full')
    const tables = Object.values(picture.tables)
    const things = Object.values(picture.things).reduce((sum, one) => sum + Object.keys(one).length, 0)
    return `${tables.length} tables, ${tables.reduce((sum, one) => sum + rowsOf(one), 0)} rows, ${things} resources`
  },
})
