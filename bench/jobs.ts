import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Action } from '../src/engine/step.ts'
import { addressArgs } from '../src/fixups/address-map.ts'
import type { Hosts } from '../src/hosts/host.ts'
import { frozenDumpArgv, importArgv, recreateStatements } from '../src/transfer/dump.ts'
import { compareContent } from '../src/verify/content.ts'
import { oldPortal, sizes } from './generate.ts'
import { type Measured, sh, timed } from './measure.ts'
import { type Bench, swapctl } from './open.ts'
import { database, empty, quiet } from './servers.ts'

type Job = (bench: Bench) => Promise<readonly Measured[]>

const installed = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((path) => existsSync(join(path, program)))

const hostsOf =
  ({ source, target }: Bench): Hosts =>
  (name) =>
    (name === 'source' ? source : target).host

/** A way that does not arrive at the same rows is none. */
const demandSame = async (bench: Bench): Promise<void> => {
  const { differences } = await compareContent(hostsOf(bench), { database, parallel: bench.threads })
  if (differences.length > 0) throw new Error(differences.map(({ where, says }) => `${where}: ${says}`).join('\n'))
}

/** A whole database from one server to another, by swapctl through ssh and by public tools over the sockets. */
const transfer: Job = async (bench) => {
  const { source, target, threads } = bench
  const job = 'transfer'
  const found: Measured[] = []
  const fresh = async () => {
    await empty(target)
    await quiet(target)
  }
  await fresh()
  const survey = { name: database, charset: 'utf8mb3', collation: 'utf8mb3_general_ci' }
  const ours = await swapctl(bench, {
    actions: [
      { kind: 'sql', on: 'target', statements: recreateStatements(survey) },
      {
        kind: 'pipe',
        from: { on: 'source', argv: frozenDumpArgv(database) },
        to: { on: 'target', argv: importArgv(database) },
        what: database,
      },
    ],
  })
  await demandSame(bench)
  found.push({ job, way: 'swapctl, through ssh', ...ours })
  await fresh()
  const plain = `mariadb-dump --no-defaults -S "$1" --single-transaction --routines --triggers --events "$3" | mariadb --no-defaults -S "$2" "$3"`
  const words = [source.socket, target.socket, database]
  found.push({ job, way: 'mysqldump | mysql', seconds: await timed(() => sh(plain, ...words)) })
  await demandSame(bench)
  if (!['mydumper', 'myloader'].every(installed)) return found
  await fresh()
  const files = `mydumper -u root -S "$1" -B "$3" -t "$4" -o "$5" --trx-consistency-only
    myloader -u root -S "$2" -B "$3" -t "$4" -d "$5" -o`
  const directory = await mkdtemp(join(tmpdir(), 'swapctl-bench-dump-'))
  const seconds = await timed(() => sh(files, ...words, String(threads), directory))
  await demandSame(bench)
  await rm(directory, { recursive: true })
  found.push({ job, way: `mydumper, myloader -t ${threads}`, seconds })
  return found
}

/** The portals of every block device row rewritten; beside it the one UPDATE with REPLACE() that people do it with by hand. */
const fixups: Job = async (bench) => {
  const rows = sizes(bench.rows)['block_device_mapping'] ?? 0
  const job = `fixups of ${rows} rows`
  const newPortal = '10.30.0.12'
  const action = (from: string, to: string): Action => ({
    kind: 'fixup',
    on: 'target',
    database,
    fixup: 'iscsi-portal',
    args: addressArgs([{ source: from, target: to }]),
  })
  const count = async (portal: string): Promise<void> => {
    const db = await bench.target.db(database)
    const [row] = await db.rows<{ n: number }>(
      `SELECT COUNT(*) AS n FROM block_device_mapping WHERE connection_info LIKE '%"${portal}:3260"%ip-${portal}:%'`,
    )
    if (Number(row?.n) !== rows) throw new Error(`${row?.n} of ${rows} rows name ${portal}`)
  }
  await quiet(bench.target)
  const ours = await swapctl(bench, { actions: [action(oldPortal, newPortal)] })
  await count(newPortal)
  await quiet(bench.target)
  const statement = `UPDATE block_device_mapping SET connection_info = REPLACE(connection_info, '${newPortal}:', '${oldPortal}:')`
  const byHand = await timed(() =>
    sh('mariadb --no-defaults -S "$1" "$2" -e "$3"', bench.target.socket, database, statement),
  )
  await count(oldPortal)
  return [
    { job, way: 'swapctl, through ssh', ...ours },
    { job, way: 'UPDATE ... REPLACE()', seconds: byHand },
  ]
}

/** Every row of every table compared; beside it one checksum per table in SQL, both servers asked at once, as checksum tools do it. */
const verify: Job = async (bench) => {
  const job = 'verify'
  const ours = await swapctl(bench, { verify: database, parallel: bench.threads })
  const db = await bench.source.db()
  const columns = await db.rows<{ t: string; c: string }>(
    `SELECT c.table_name AS t, c.column_name AS c FROM information_schema.columns c JOIN information_schema.tables t
     USING (table_schema, table_name) WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY t, ordinal_position`,
    [database],
  )
  const tables = [...new Set(columns.map(({ t }) => t))]
  const queries = tables.map((table) => {
    const values = columns.filter(({ t }) => t === table).map(({ c }) => `IFNULL(CRC32(\`${c}\`), '-')`)
    return `SELECT COUNT(*), SUM(CRC32(CONCAT_WS(',', ${values.join(', ')}))) FROM \`${table}\`;`
  })
  const script = `sum() { mariadb --no-defaults -S "$1" "$2"; }
    sum "$1" "$3" <<< "$4" & sum "$2" "$3" <<< "$4"; wait $!`
  const words = [bench.source.socket, bench.target.socket, database, queries.join('\n')]
  const query = await timed(() => sh(script, ...words))
  return [
    { job, way: 'swapctl, through ssh', ...ours },
    { job, way: 'SELECT SUM(CRC32())', seconds: query },
  ]
}

/** In this order: what comes later works on what the transfer has made. A further one is a line here. */
export const jobs: Readonly<Record<string, Job>> = { transfer, verify, fixups }
