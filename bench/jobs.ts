import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Action } from '../src/engine/step.ts'
import { addressArgs } from '../src/fixups/address-map.ts'
import { proveSameRows } from '../src/transfer/counts.ts'
import { frozenDumpArgv, importArgv, recreateStatements } from '../src/transfer/dump.ts'
import { type Sshd, startSshd } from '../test/live/machines.ts'
import type { Server } from '../test/live/mariadb.ts'
import { oldPortal, sizes } from './generate.ts'
import { type Measured, sh, timed } from './measure.ts'
import { database, empty, quiet, startServer } from './servers.ts'

export interface Bench {
  readonly source: Server
  readonly target: Server
  readonly rows: number
  readonly threads: number
  /** settings of a swap between the two, each behind an ssh server of its own */
  readonly settings: string
  close(): Promise<void>
}

/** Two database servers of their own, and two ssh servers that lead to them: swapctl goes through ssh, as it always does. */
export const openBench = async (rows: number, threads: number): Promise<Bench> => {
  const directory = await mkdtemp(join(tmpdir(), 'swapctl-bench-'))
  const [source, target] = await Promise.all([startServer(), startServer()])
  const sshd = (server: Server): Promise<Sshd> =>
    startSshd({ environment: { HOME: server.directory, MYSQL_HOME: server.directory } })
  for (const server of [source, target])
    await writeFile(join(server.directory, 'my.cnf'), `[mysqld]\nsocket = ${server.socket}\n`)
  const machines = [await sshd(source), await sshd(target)] as const
  const section = (title: string, { machine }: Sshd) =>
    `[${title}]\nhost = ${machine.host}\nport = ${machine.port}\nkey = ${machine.key}\nhost_key = ${machine.hostKey}\n`
  const settings = join(directory, 'swapctl.ini')
  const address = '[address api]\naddress = 10.20.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n'
  await writeFile(
    settings,
    `[swap]\nname = bench\nrelease = epoxy\n${section('source', machines[0])}${section('target', machines[1])}${address}`,
  )
  const close = async () => {
    await Promise.all([...machines, source, target].map((one) => one.stop()))
    await rm(directory, { recursive: true, force: true })
  }
  return { source, target, rows, threads, settings, close }
}

/** Performs actions in a process of their own, compiled as this one is. */
const swapctl = async (
  { settings }: Bench,
  actions: readonly Action[],
): Promise<{ seconds: number; memory: number }> => {
  let memory = 0
  const seconds = await timed(async () => {
    const worker = join(import.meta.dirname, 'worker.js')
    const { stdout } = await execa(process.execPath, [worker, settings, JSON.stringify(actions)])
    memory = (JSON.parse(stdout) as { memory: number }).memory
  })
  return { seconds, memory }
}

type Job = (bench: Bench) => Promise<readonly Measured[]>

const installed = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((path) => existsSync(join(path, program)))

/** A whole database from one server to another, by swapctl through ssh and by public tools over the sockets. */
const transfer: Job = async (bench) => {
  const { source, target, threads } = bench
  const job = 'transfer'
  const found: Measured[] = []
  const fresh = async () => {
    await empty(target)
    await quiet(target)
  }
  const same = () => proveSameRows((name) => (name === 'source' ? source : target).host, database)
  await fresh()
  const survey = { name: database, charset: 'utf8mb3', collation: 'utf8mb3_general_ci' }
  const ours = await swapctl(bench, [
    { kind: 'sql', on: 'target', statements: recreateStatements(survey) },
    {
      kind: 'pipe',
      from: { on: 'source', argv: frozenDumpArgv(database) },
      to: { on: 'target', argv: importArgv(database) },
      what: database,
    },
  ])
  await same()
  found.push({ job, way: 'swapctl, through ssh', ...ours })
  await fresh()
  const plain = `mariadb-dump --no-defaults -S "$1" --single-transaction --routines --triggers --events "$3" | mariadb --no-defaults -S "$2" "$3"`
  const words = [source.socket, target.socket, database]
  found.push({ job, way: 'mysqldump | mysql', seconds: await timed(() => sh(plain, ...words)) })
  await same()
  if (!['mydumper', 'myloader'].every(installed)) return found
  await fresh()
  const files = `mydumper -u root -S "$1" -B "$3" -t "$4" -o "$5" --trx-consistency-only
    myloader -u root -S "$2" -B "$3" -t "$4" -d "$5" -o`
  const directory = await mkdtemp(join(tmpdir(), 'swapctl-bench-dump-'))
  const seconds = await timed(() => sh(files, ...words, String(threads), directory))
  await same()
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
  const ours = await swapctl(bench, [action(oldPortal, newPortal)])
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

/** In this order: what comes later works on what the transfer has made. A further one is a line here. */
export const jobs: Readonly<Record<string, Job>> = { transfer, fixups }
