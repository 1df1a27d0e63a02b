import { setTimeout as sleep } from 'node:timers/promises'
import { askQueues } from '../ask/facts-rabbitmq.ts'
import { servesDatabase } from '../ask/members.ts'
import { askUnits } from '../ask/units.ts'
import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import { type Db, openDatabase } from '../hosts/db.ts'
import type { Host, SideMachine } from '../hosts/host.ts'
import { membersOf, said } from '../hosts/sides.ts'

const counters = ['Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted']
const watched = 3000

/**
 * Proof of the freeze: no unit of the old control plane runs on any machine, no account but root is connected to
 * MariaDB, and each server's row counters do not change for three seconds. Reports messages left in the queues.
 */
export const askQuiet = async (context: Context, units: readonly string[]): Promise<string> => {
  const names = membersOf(context.config, 'source')
  await Promise.all(names.map((name) => proveSilent(context, name, units)))
  return `no client, no row changed in ${watched / 1000} s; ${await queuesText(context.hosts('source'))}`
}

const proveSilent = async (context: Context, name: SideMachine, units: readonly string[]): Promise<void> => {
  const source = context.hosts(name)
  const loud = (what: string): SwapError =>
    new SwapError(
      name,
      what,
      `Stop the programs that still write on ${said(name)} (cron jobs, services that swapctl does not know), then run the same command again`,
    )
  const active = (await askUnits(source, units)).filter((unit) => unit.active).map((unit) => unit.name)
  if (active.length > 0) throw loud(`running: ${active.join(', ')}`)
  if (!servesDatabase(context.survey, name)) return
  const db = await openDatabase(source, { readOnly: true })
  try {
    const clients = await waitForClients(db)
    if (clients.length > 0) throw loud(`connected to MariaDB: ${clients.join(', ')}`)
    const before = await rowCounters(db)
    await sleep(watched)
    const after = await rowCounters(db)
    if (before !== after) throw loud(`rows changed while watched: ${before} became ${after}`)
  } finally {
    await db.close()
  }
}

/** Stopped services take a moment to close their connections. */
const waitForClients = async (db: Db): Promise<readonly string[]> => {
  for (let tries = 0; ; tries++) {
    const rows = await db.rows<{ client: string }>(
      `SELECT CONCAT(user, '@', host, ' ', COALESCE(db, '')) AS client FROM information_schema.processlist
       WHERE user NOT IN ('root', 'system user', 'event_scheduler', 'mariadb.sys', 'debian-sys-maint') AND command <> 'Binlog Dump'`,
    )
    if (rows.length === 0 || tries === 10) return rows.map((row) => row.client)
    await sleep(1000)
  }
}

const rowCounters = async (db: Db): Promise<string> => {
  const rows = await db.rows<{ Variable_name: string; Value: string }>(
    `SHOW GLOBAL STATUS WHERE Variable_name IN (${counters.map((name) => `'${name}'`).join(', ')})`,
  )
  return rows.map((row) => `${row.Variable_name} ${row.Value}`).join(', ')
}

/** Messages that will not be read any more: casts of the old control plane, and what computes have sent since. */
const queuesText = async (source: Host): Promise<string> => {
  const left = (await askQueues(source)).filter((queue) => queue.messages > 0)
  const sum = left.reduce((total, queue) => total + queue.messages, 0)
  return `${sum} messages left in queues${sum > 0 ? `: ${left.map((q) => `${q.name} ${q.messages}`).join(', ')}` : ''}`
}
