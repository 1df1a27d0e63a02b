import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Sshd, startSshd } from '../test/live/machines.ts'
import type { Server } from '../test/live/mariadb.ts'
import { timed } from './measure.ts'
import { startServer } from './servers.ts'
import type { Task } from './worker.ts'

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

/** Has it done in a process of its own, compiled as this one is. */
export const swapctl = async ({ settings }: Bench, task: Task): Promise<{ seconds: number; memory: number }> => {
  let memory = 0
  const seconds = await timed(async () => {
    const worker = join(import.meta.dirname, 'worker.js')
    const { stdout } = await execa(process.execPath, [worker, settings, JSON.stringify(task)])
    memory = (JSON.parse(stdout) as { memory: number }).memory
  })
  return { seconds, memory }
}
