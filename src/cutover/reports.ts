import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { askMaybe, lines } from '../source/question.ts'
import { askLinks } from './addresses.ts'
import { databaseOf } from './endpoints.ts'

/** A service or agent on another machine that reports to the controller, and when it last did (UTC, by the controller's clock). */
export interface Reporter {
  readonly host: string
  readonly binary: string
  readonly seen: string
}

/** Where each service keeps who reports to it. The columns are the same from Grizzly to now. */
const registers = [
  { repo: 'nova', table: 'services', seen: 'updated_at', where: "deleted = 0 AND `binary` = 'nova-compute'" },
  { repo: 'neutron', table: 'agents', seen: 'heartbeat_timestamp', where: '1 = 1' },
  { repo: 'cinder', table: 'services', seen: 'updated_at', where: "deleted = 0 AND `binary` = 'cinder-volume'" },
] as const

type Register = (typeof registers)[number]

const askReporters = (db: Db, database: string, register: Register): Promise<readonly Reporter[]> =>
  db.rows<Reporter>(
    `SELECT host, \`binary\`, CAST(${register.seen} AS CHAR) AS seen FROM \`${database.replaceAll('`', '``')}\`.${register.table}
     WHERE ${register.where} AND ${register.seen} IS NOT NULL`,
  )

const shortName = (host: string): string => host.replace(/@.*$/, '').split('.')[0] ?? host

const minutes = 5

/**
 * Those that have to report again: they reported in the five minutes before the register's last report, which is when it
 * was frozen, and are not on the old controller itself. Pure.
 */
export const expected = (all: readonly Reporter[], controller: string): readonly Reporter[] => {
  const time = (it: Reporter): number => Date.parse(`${it.seen.replace(' ', 'T')}Z`)
  const last = Math.max(...all.map(time))
  return all.filter((it) => time(it) >= last - minutes * 60_000 && shortName(it.host) !== shortName(controller))
}

/** Of those expected, the ones that have not reported after `since` ('2026-11-21 00:10:00'). Pure. */
export const missing = (wanted: readonly Reporter[], now: readonly Reporter[], since: string): readonly Reporter[] =>
  wanted.filter((want) => {
    const found = now.find((it) => it.host === want.host && it.binary === want.binary)
    return found === undefined || found.seen.slice(0, 19) <= since
  })

const name = (it: Reporter): string => `${it.binary} on ${it.host}`

/** neutron's agents report every 30 s, nova's computes every 10 s; operators stretch both. */
const longest = 180_000

export const reportStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/reports',
  phase: 'cutover',
  title: 'Wait until every compute and agent reports to the new controller',
  after,
  run: nothing,
  undo: nothing,
  proof: async () => {
    const [waited, clients] = [await waitForReports(context), await askClients(context)]
    return [waited, ...clients].join('; ')
  },
})

const waitForReports = async (context: Context): Promise<string> => {
  const wanted = await askExpected(context)
  const began = Date.now()
  return withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const since = (await db.rows<{ now: string }>('SELECT CAST(UTC_TIMESTAMP() AS CHAR) AS now'))[0]?.now ?? ''
    for (;;) {
      const late: Reporter[] = []
      for (const { register, database, reporters } of wanted)
        late.push(...missing(reporters, await askReporters(db, database, register), since))
      const all = wanted.flatMap(({ reporters }) => reporters)
      if (late.length === 0)
        return `${all.map(name).join(', ') || 'nobody'} reported within ${((Date.now() - began) / 1000).toFixed(0)} s`
      if (Date.now() - began > longest) throw silent(late)
      await new Promise((wake) => setTimeout(wake, 500))
    }
  })
}

const silent = (late: readonly Reporter[]): SwapError =>
  new SwapError(
    'target',
    `after ${longest / 1000} s these have not reported: ${late.map(name).join(', ')}`,
    'Look at their logs on their machines; a restart of the service there may be what it takes',
  )

const askExpected = async (context: Context) => {
  const found = registers.flatMap((register) => {
    const database = databaseOf(context, register.repo)
    return database === undefined ? [] : [{ register, database }]
  })
  return withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const wanted = []
    for (const { register, database } of found) {
      const all = await askReporters(db, database, register)
      wanted.push({ register, database, reporters: expected(all, context.survey.source.hostname) })
    }
    return wanted
  })
}

/** How many connections of each compute the new queue has; told, not demanded, since a compute may come through NAT. */
const askClients = async ({ config, hosts }: Context): Promise<readonly string[]> => {
  const peers = await askMaybe(hosts('target'), {
    argv: ['rabbitmqctl', '--quiet', 'list_connections', '--no-table-headers', 'peer_host'],
    parse: (text) => lines(text).map((line) => line.trim().replace(/^::ffff:/, '')),
  })
  if (peers === undefined) return []
  return Promise.all(
    config.computes.map(async (machine) => {
      const own = (await askLinks(hosts(`compute:${machine.name}`))).flatMap((link) =>
        link.addresses.map((it) => it.address),
      )
      return `${peers.filter((peer) => own.includes(peer)).length} AMQP connections from ${machine.name}`
    }),
  )
}
