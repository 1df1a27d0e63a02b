import type { Action } from '../src/engine/step.ts'
import { addressArgs } from '../src/rewrite/address-map.ts'
import { oldPortal } from './generate.ts'
import { type Job, sh, timed } from './measure.ts'
import { type Bench, swapctl } from './open.ts'
import { database, fillBlockDevices, quiet } from './servers.ts'

const newPortal = '10.30.0.12'

const action = (from: string, to: string): Action => ({
  kind: 'fixup',
  on: 'target',
  database,
  fixup: 'iscsi-portal',
  args: addressArgs([{ source: from, target: to }]),
})

const demandAll = async ({ target, options }: Bench, portal: string): Promise<void> => {
  const db = await target.db(database)
  const [row] = await db.rows<{ n: number }>(
    `SELECT COUNT(*) AS n FROM block_device_mapping WHERE connection_info LIKE '%"${portal}:3260"%ip-${portal}:%'`,
  )
  if (Number(row?.n) !== options.blockDevices) throw new Error(`${row?.n} rows name ${portal}`)
}

/**
 * Rewrites the portals of every block device row; compared with the single UPDATE with REPLACE() that people use by
 * hand.
 */
export const fixups: Job = async (bench) => {
  const { target, options } = bench
  const job = `fixups of ${options.blockDevices} rows`
  bench.say(`filling block_device_mapping with ${options.blockDevices} rows`)
  await fillBlockDevices(target, options.blockDevices)
  const ours = await swapctl(bench, { actions: [action(oldPortal, newPortal)] })
  await demandAll(bench, newPortal)
  await quiet(target)
  const statement = `UPDATE block_device_mapping SET connection_info = REPLACE(connection_info, '${newPortal}:', '${oldPortal}:')`
  const byHand = await timed(() => sh('mariadb --no-defaults -S "$1" "$2" -e "$3"', target.socket, database, statement))
  await demandAll(bench, oldPortal)
  return [
    { job, way: 'swapctl, through ssh', ...ours },
    { job, way: 'UPDATE ... REPLACE()', ...byHand },
  ]
}
