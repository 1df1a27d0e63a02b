import { join } from 'node:path'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import { readState } from '../state.ts'
import { rowsOf } from './compare-tables.ts'
import { askSnapshot, type Snapshot } from './snapshot.ts'

const pathOf = (context: Pick<Context, 'config'>): string => join(context.config.state, 'picture.json')

/** The snapshot taken by the cutover; undefined when there is none. */
export const savedSnapshot = async (context: Pick<Context, 'config'>): Promise<Snapshot | undefined> => {
  return readState<Snapshot>(pathOf(context))
}

/** Taken before the new controller serves anyone, so every later difference is something it has accepted. */
export const snapshotStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/picture',
  phase: 'cutover',
  title: 'Take a snapshot of the new controller before it serves, for the data-loss report of a revert',
  after,
  changes: ['local'],
  run: async () => {
    const snapshot = await withDatabase(context.hosts('target'), { readOnly: true }, (db) => askSnapshot(db, context))
    return [
      { kind: 'write', on: 'local', path: pathOf(context), mode: '0600', content: `${JSON.stringify(snapshot)}\n` },
    ]
  },
  undo: nothing,
  proof: async () => {
    const snapshot = await savedSnapshot(context)
    if (snapshot === undefined)
      throw new SwapError('local', `${pathOf(context)} is missing`, 'Check whether the disk is full')
    const tables = Object.values(snapshot.tables)
    const things = Object.values(snapshot.things).reduce((sum, one) => sum + Object.keys(one).length, 0)
    return `${tables.length} tables, ${tables.reduce((sum, one) => sum + rowsOf(one), 0)} rows, ${things} resources`
  },
})
