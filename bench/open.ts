import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Hosts } from '../src/hosts/host.ts'
import { type Sshd, startSshd } from '../test/live/machines.ts'
import type { Server } from '../test/live/mariadb.ts'
import { makeFolder } from './folder.ts'
import { timed } from './measure.ts'
import type { Options } from './options.ts'
import { fill, size, startServer } from './servers.ts'
import type { Task } from './worker.ts'

export interface Bench {
  readonly source: Server
  readonly target: Server
  readonly options: Options
  /** settings of a swap between the two servers, each behind its own sshd */
  readonly settings: string
  /** fills the source's nova database on the first call */
  filled(): Promise<void>
  say(text: string): void
  close(): Promise<void>
}

export const hostsOf =
  ({ source, target }: Bench): Hosts =>
  (name) =>
    (name === 'source' ? source : target).host

/** Two database servers, and two sshds that lead to them: swapctl uses ssh as always. */
export const openBench = async (options: Options, say: (text: string) => void): Promise<Bench> => {
  makeFolder()
  const directory = await mkdtemp(join(tmpdir(), 'settings-'))
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
  let filling: Promise<void> | undefined
  const fillSource = async () => {
    say(`filling nova with ${options.rows} rows`)
    await fill(source, options.rows)
    say(`${((await size(source)) / 1e9).toFixed(2)} GB`)
  }
  return {
    source,
    target,
    options,
    settings,
    say,
    filled: () => {
      filling ??= fillSource()
      return filling
    },
    close: async () => {
      await Promise.all([...machines, source, target].map((one) => one.stop()))
    },
  }
}

/** Runs a task in its own process, compiled like this one. */
export const swapctl = async (
  { settings }: Bench,
  task: Task,
): Promise<{ seconds: number; cpu: number; memory: number }> => {
  let memory = 0
  const took = await timed(async () => {
    const worker = join(import.meta.dirname, 'worker.js')
    const { stdout } = await execa(process.execPath, [worker, settings, JSON.stringify(task)])
    memory = (JSON.parse(stdout) as { memory: number }).memory
  })
  return { ...took, memory }
}
