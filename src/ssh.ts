import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { collect, exitOf, remoteText } from './channel.ts'
import type { Machine } from './config.ts'
import { SwapError } from './errors.ts'
import { type Command, type Host, type HostName, type Job, type Output, shell } from './host.ts'
import { limiter } from './limiter.ts'
import { type Link, openPool, type Pool } from './pool.ts'

/** Questions asked at once; streams are counted apart, so that a pipe never waits for a place that a question holds. */
const questionsAtOnce = 6

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * `wire` is called the moment the channel is there: one packet can hold its opening, all the program wrote and its exit
 * code, and whoever begins to listen only after an await has missed the exit.
 */
const openChannel = <T>(link: Link, command: Command, where: string, wire: (channel: ClientChannel) => T): Promise<T> =>
  new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(
        new SwapError(where, `cannot run ${shell(command.argv)}: ${message(error)}`, 'Run the same command again.', {
          cause: error,
        }),
      )
    try {
      link.client.exec(remoteText(command), (error, channel) => (error ? fail(error) : resolve(wire(channel))))
    } catch (error) {
      fail(error)
    }
  })

const start = async (pool: Pool, command: Command, where: string) => {
  const { link, release } = await pool.take()
  try {
    return await openChannel(link, command, where, (channel) => {
      // Streams whose 'error' nobody listens to end the process; the exit tells what went wrong.
      channel.on('error', () => {})
      const exit = exitOf(channel, command, where, link.lost).finally(release)
      exit.catch(() => {})
      return { channel, exit }
    })
  } catch (error) {
    release()
    throw error
  }
}

/** A daemon started by the program may hold its output open for ever; once the program has ended, silence is the end. */
const endWhenSilent = (channel: ClientChannel): void => {
  channel.on('exit', () => {
    let timer = setTimeout(() => channel.close(), 3_000)
    channel.on('data', () => {
      clearTimeout(timer)
      timer = setTimeout(() => channel.close(), 3_000)
    })
    channel.on('close', () => clearTimeout(timer))
  })
}

const run = async (pool: Pool, command: Command, where: string): Promise<Output> => {
  const { channel, exit } = await start(pool, command, where)
  const stdout = collect(channel)
  endWhenSilent(channel)
  channel.end(command.stdin ?? '')
  try {
    const { code, stderr } = await exit
    return { code, stdout: stdout(), stderr }
  } finally {
    channel.close()
  }
}

const spawn = async (pool: Pool, command: Command, where: string): Promise<Job> => {
  const { channel, exit } = await start(pool, command, where)
  if (command.stdin !== undefined) channel.end(command.stdin)
  const kill = () => {
    // The signal goes to the whole process group before the streams close, so that nothing is taken for a regular end.
    channel.signal('KILL')
    channel.close()
    // ssh2 says nothing of a channel's end until what had arrived was read.
    channel.resume()
  }
  return { stdin: channel, stdout: channel, exit, kill }
}

const socket = async (pool: Pool, path: string, where: string): Promise<Duplex> => {
  const { client } = await pool.any()
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(path, (error, channel) =>
      error
        ? reject(
            new SwapError(where, `cannot connect to ${path}: ${error.message}`, 'Is the service running there?', {
              cause: error,
            }),
          )
        : resolve(channel),
    )
  })
}

/** A machine over ssh. Nothing is opened before the first use; a connection that broke is opened anew for the next one. */
export const sshHost = (machine: Machine, name: HostName): Host => {
  const pool = openPool(machine)
  const inTurn = limiter(questionsAtOnce)
  return {
    name,
    run: (command) => inTurn(() => run(pool, command, name)),
    spawn: (command) => spawn(pool, command, name),
    socket: (path) => socket(pool, path, name),
    close: () => pool.close(),
  }
}

/** The same, connected at once: throws SwapError (exit 2) when the machine is not there or not the expected one. */
export const connect = async (machine: Machine, name: HostName): Promise<Host> => {
  const host = sshHost(machine, name)
  await host.run({ argv: ['true'], limit: 30 })
  return host
}
