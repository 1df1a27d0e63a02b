import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { announcedText, collect, exitOf, pidOf, remoteText, silence, withoutAnnouncement } from './channel.ts'
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
const openChannel = <T>(link: Link, run: Run, wire: (channel: ClientChannel) => T): Promise<T> =>
  new Promise((resolve, reject) => {
    const { command, where, text } = run
    const fail = (error: unknown) =>
      reject(
        new SwapError(where, `cannot run ${shell(command.argv)}: ${message(error)}`, 'Run the same command again.', {
          cause: error,
        }),
      )
    try {
      link.client.exec(text, (error, channel) => (error ? fail(error) : resolve(wire(channel))))
    } catch (error) {
      fail(error)
    }
  })

interface Run {
  readonly command: Command
  readonly where: string
  /** what sshd is given to run */
  readonly text: string
}

type Exit = Job['exit']

const start = async <T>(pool: Pool, run: Run, wire: (channel: ClientChannel, exit: Exit) => T): Promise<T> => {
  const { link, release } = await pool.take()
  try {
    return await openChannel(link, run, (channel) => {
      // Streams whose 'error' nobody listens to end the process; the exit tells what went wrong.
      channel.on('error', () => {})
      const exit = exitOf(channel, run.command, run.where, link.lost).finally(release)
      exit.catch(() => {})
      return wire(channel, exit)
    })
  } catch (error) {
    release()
    throw error
  }
}

/** A daemon started by the program may hold its output open for ever; once the program has ended, silence is the end. */
const endWhenSilent = (channel: ClientChannel): void => {
  channel.on('exit', () => {
    const timer = setTimeout(() => channel.close(), silence)
    channel.on('data', () => timer.refresh())
    channel.on('close', () => clearTimeout(timer))
  })
}

const run = async (pool: Pool, command: Command, where: string): Promise<Output> => {
  const { channel, exit, stdout } = await start(
    pool,
    { command, where, text: remoteText(command) },
    (channel, exit) => {
      endWhenSilent(channel)
      return { channel, exit, stdout: collect(channel) }
    },
  )
  channel.end(command.stdin ?? '')
  try {
    const { code, stderr } = await exit
    return { code, stdout: stdout(), stderr }
  } finally {
    channel.close()
  }
}

/** Ends a program and all it started, before its streams close: a cut stream must not pass for a regular end. */
const end = async (pool: Pool, channel: ClientChannel, pid: Promise<number | undefined>, where: string) => {
  const number = await pid
  const argv = ['kill', '-KILL', '--', `-${number}`] as const
  // Without a way to the machine there is nothing left to do; the exit tells of the lost connection.
  if (number !== undefined) await run(pool, { argv, limit: 10 }, where).catch(() => {})
  channel.close()
}

const spawn = (pool: Pool, command: Command, where: string): Promise<Job> =>
  start(pool, { command, where, text: announcedText(command) }, (channel, exited) => {
    const pid = pidOf(channel)
    if (command.stdin !== undefined) channel.end(command.stdin)
    let running = true
    const exit = exited
      .then(({ code, stderr }) => ({ code, stderr: withoutAnnouncement(stderr) }))
      .finally(() => {
        running = false
      })
    exit.catch(() => {})
    const kill = () => {
      if (running) void end(pool, channel, pid, where)
      // ssh2 says nothing of a channel's end until what had arrived was read.
      channel.resume()
    }
    return { stdin: channel, stdout: channel, exit, kill }
  })

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
