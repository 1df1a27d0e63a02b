import { setTimeout as sleep } from 'node:timers/promises'
import { askLinks } from '../../ask/addresses.ts'
import { askBeside, type Silent, silentText } from '../../ask/beside.ts'
import { askMaybe, lines } from '../../ask/question.ts'
import type { Context } from '../../context.ts'
import { nothing, type Step } from '../../engine/step.ts'
import { SwapError } from '../../errors.ts'
import { type Db, withDatabase } from '../../hosts/db.ts'
import type { Host } from '../../hosts/host.ts'
import type { Register } from '../../services/register.ts'
import { name as tableName } from '../../text/sql.ts'
import { databaseOf } from '../handover/endpoints.ts'
import { computesOf } from '../handover/neighbours.ts'

/**
 * A service or agent on another machine that reports to the controller, and when it last did (UTC, controller's clock).
 */
export interface Reporter {
  readonly host: string
  readonly binary: string
  readonly seen: string
}

const askReporters = (db: Db, database: string, register: Register): Promise<readonly Reporter[]> =>
  db.rows<Reporter>(
    `SELECT host, \`binary\`, CAST(${register.seen} AS CHAR) AS seen FROM ${tableName(database, register.table)}
     WHERE ${register.where} AND ${register.seen} IS NOT NULL`,
  )

const shortName = (host: string): string => host.replace(/@.*$/, '').split('.')[0] ?? host

const minutes = 5

/**
 * Those that must report again: they reported within five minutes before the last report, which marks the freeze, and
 * do not run on the old controller.
 */
export const expected = (all: readonly Reporter[], controller: string): readonly Reporter[] => {
  const time = (it: Reporter): number => Date.parse(`${it.seen.replace(' ', 'T')}Z`)
  const last = Math.max(...all.map(time))
  return all.filter((it) => time(it) >= last - minutes * 60_000 && shortName(it.host) !== shortName(controller))
}

/** The expected ones that have not reported after `since` ('2026-11-21 00:10:00'). */
export const missing = (wanted: readonly Reporter[], now: readonly Reporter[], since: string): readonly Reporter[] =>
  wanted.filter((want) => {
    const found = now.find((it) => it.host === want.host && it.binary === want.binary)
    return found === undefined || found.seen.slice(0, 19) <= since
  })

const name = (it: Reporter): string => `${it.binary} on ${it.host}`

/**
 * Milliseconds. neutron's agents report every 30 s, nova's computes every 10 s; operators may have longer intervals.
 */
const longest = 180_000

/** `limit`: milliseconds to wait for the reports. */
export const reportStep = (context: Context, after: readonly string[], limit = longest): Step => ({
  id: 'cutover/reports',
  phase: 'cutover',
  title: 'Wait until every compute and agent reports to the new controller',
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  proof: async (_, left) => {
    const gone = (await askBeside(context.hosts, computesOf(context.config), askOwn)).silent
    const waited = await waitForReports(context, gone, limit)
    for (const one of gone) left?.(`${silentText(one)}: once it is back, check that it reports to the new controller`)
    for (const late of waited.late)
      left?.(`${name(late)} does not report to the new controller: read its log there; a restart may help`)
    return [waited.says, ...(await askClients(context))].join('; ')
  },
})

/** Whether a reporter runs on one of these machines, judged by the names in the settings. */
const runsOn = (it: Reporter, silent: readonly Silent[]): boolean =>
  silent.some(({ host }) => shortName(host.replace(/^compute:/, '')) === shortName(it.host))

/** The expected ones except those on machines that do not answer. */
export const awaited = (wanted: readonly Reporter[], silent: readonly Silent[]): readonly Reporter[] =>
  wanted.filter((it) => !runsOn(it, silent))

interface Waited {
  readonly says: string
  /** those that have not reported in time */
  readonly late: readonly Reporter[]
}

/**
 * Throws SwapError when none has reported: then the target is at fault. Single silent ones are left to the operator,
 * because the addresses have moved and the others are served.
 */
const waitForReports = async (context: Context, silent: readonly Silent[], limit: number): Promise<Waited> => {
  const wanted = (await askExpected(context)).map((one) => ({ ...one, reporters: awaited(one.reporters, silent) }))
  const began = Date.now()
  return withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const since = (await db.rows<{ now: string }>('SELECT CAST(UTC_TIMESTAMP() AS CHAR) AS now'))[0]?.now ?? ''
    for (;;) {
      const late: Reporter[] = []
      for (const { register, database, reporters } of wanted)
        late.push(...missing(reporters, await askReporters(db, database, register), since))
      const all = wanted.flatMap(({ reporters }) => reporters)
      const over = Date.now() - began > limit
      if (over && late.length > 0 && late.length === all.length) throw allSilent(late)
      if (over || late.length === 0) return { says: reportedText(all, late, Date.now() - began), late }
      await sleep(500)
    }
  })
}

const reportedText = (all: readonly Reporter[], late: readonly Reporter[], ms: number): string =>
  `${
    all
      .filter((it) => !late.includes(it))
      .map(name)
      .join(', ') || 'none'
  } reported within ${(ms / 1000).toFixed(0)} s`

const allSilent = (late: readonly Reporter[]): SwapError =>
  new SwapError(
    'target',
    `no agent has reported to the new controller in time: ${late.map(name).join(', ')}`,
    'Read their logs on their machines; a restart of the service there may help',
  )

const askExpected = async (context: Context) => {
  const found = context.recipes.flatMap(({ reports: register }) => {
    if (register === undefined) return []
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

/**
 * Number of connections of each compute to the new queue; reported but not required, because a compute may be behind
 * NAT.
 */
const askClients = async ({ config, hosts }: Context): Promise<readonly string[]> => {
  const peers = await askMaybe(hosts('target'), {
    argv: ['rabbitmqctl', '--quiet', 'list_connections', '--no-table-headers', 'peer_host'],
    parse: (text) => lines(text).map((line) => line.trim().replace(/^::ffff:/, '')),
  })
  if (peers === undefined) return []
  const { answers } = await askBeside(hosts, computesOf(config), askOwn)
  return answers.map(({ host, answer: own }) => {
    const count = peers.filter((peer) => own.includes(peer)).length
    return `${count} AMQP connections from ${host.replace(/^compute:/, '')}`
  })
}

const askOwn = async (host: Host): Promise<readonly string[]> =>
  (await askLinks(host)).flatMap((link) => link.addresses.map((it) => it.address))
