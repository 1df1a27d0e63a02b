import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { frozenDumpArgv, importArgv, recreateStatements } from '../src/transfer/dump.ts'
import { compareContent } from '../src/verify/content.ts'
import { type Job, type Measured, sh, timed } from './measure.ts'
import { type Bench, hostsOf, swapctl } from './open.ts'
import { hasMydumper, mydumperVersion } from './programs.ts'
import { database, empty, quiet } from './servers.ts'
import type { Task } from './worker.ts'

/** A way that does not produce the same rows is invalid. */
const demandSame = async (bench: Bench): Promise<void> => {
  const { differences } = await compareContent(hostsOf(bench), { database, parallel: bench.options.threads })
  if (differences.length > 0) throw new Error(differences.map(({ where, says }) => `${where}: ${says}`).join('\n'))
}

/** The task in which swapctl transfers a database. */
export const transferTask = (name: string): Task => ({
  actions: [
    {
      kind: 'sql',
      on: 'target',
      statements: recreateStatements({ name, charset: 'utf8mb3', collation: 'utf8mb3_general_ci' }),
    },
    {
      kind: 'pipe',
      from: { on: 'source', argv: frozenDumpArgv(name) },
      to: { on: 'target', argv: importArgv(name) },
      what: name,
    },
  ],
})

/** mysqldump | mysql over the sockets; the database must exist and be empty. */
export const copyPlainly = ({ source, target }: Bench) =>
  timed(() =>
    sh(
      `mariadb-dump --no-defaults -S "$1" --single-transaction --routines --triggers --events "$3" | mariadb --no-defaults -S "$2" "$3"`,
      source.socket,
      target.socket,
      database,
    ),
  )

/** Makes sure that the target has the source's rows. */
export const filledCopy = async (bench: Bench): Promise<void> => {
  const db = await bench.target.db()
  const rows = await db.rows('SELECT 1 FROM information_schema.tables WHERE table_schema = ?', [database])
  if (rows.length > 0) return
  await empty(bench.target)
  await copyPlainly(bench)
}

/** Both programs in sequence, as they are normally used. */
const copyByFiles = async ({ source, target, options: { threads } }: Bench) => {
  const directory = await mkdtemp(join(tmpdir(), 'dump-'))
  const files = `mydumper -u root -S "$1" -B "$3" -t "$4" -o "$5" --trx-consistency-only
    myloader -u root -S "$2" -B "$3" -t "$4" -d "$5" -o`
  const took = await timed(() => sh(files, source.socket, target.socket, database, String(threads), directory))
  await rm(directory, { recursive: true })
  return took
}

/** Copies a whole database from one server to another: swapctl through ssh, public tools over the sockets. */
export const transfer: Job = async (bench) => {
  const { target, options } = bench
  const job = `transfer of ${options.rows} rows`
  const found: Measured[] = []
  const measure = async (way: string, work: () => Promise<Omit<Measured, 'job' | 'way'>>) => {
    await empty(target)
    await quiet(target)
    found.push({ job, way, ...(await work()) })
    await demandSame(bench)
  }
  await bench.filled()
  await measure('swapctl, through ssh', () => swapctl(bench, transferTask(database)))
  await measure('mysqldump | mysql', () => copyPlainly(bench))
  const way = `mydumper, myloader -t ${options.threads}`
  if (!hasMydumper()) return [...found, { job, way: `${way}: not installed, not had` }]
  await measure(`${mydumperVersion()}, myloader -t ${options.threads}`, () => copyByFiles(bench))
  return found
}
