import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { announcedText, collect, exitOf, pidOf, remoteText, silence, withoutAnnouncement } from './channel.ts'
import { SwapError } from './errors.ts'
import { type Command, type Job, type Output, shell } from './host.ts'
import type { Link, Pool } from './pool.ts'

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * `wire` is called the moment the channel is there: one packet can hold its opening, all the program wrote and its exit
 * code, and whoever begins to listen only after an await has missed the exit.
 */
const openOnce = <T>(link: Link, run: Run, wire: (channel: ClientChannel) => T): Promise<T> =>
  new Promise((resolve, reject) => {
    try {
      link.client.exec(run.text, (error, channel) => (error ? reject(error) : resolve(wire(channel))))
    } catch (error) {
      reject(error)
    }
  })

/** A channel that sshd refuses to open has run nothing, so it may be asked for again once others have ended. */
const openChannel = async <T>(link: Link, run: Run, wire: (channel: ClientChannel) => T): Promise<T> => {
  for (let pause = 100; ; pause *= 2) {
    try {
      return await openOnce(link, run, wire)
    } catch (error) {
      const refused = error instanceof Error && 'reason' in error
      if (refused && pause < 5_000) await sleep(pause)
      else throw notRun(run, error)
    }
  }
}

const notRun = ({ command, where }: Run, cause: unknown): SwapError =>
  new SwapError(where, `cannot run ${shell(command.argv)}: ${message(cause)}`, 'Run the same command again.', { cause })

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

/** Runs a program and collects what it says: a non-zero exit is an answer. Throws SwapError when it came to no exit. */
export const run = async (pool: Pool, command: Command, where: string): Promise<Output> => {
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

/** Starts a program whose streams the caller wires. */
export const spawn = (pool: Pool, command: Command, where: string): Promise<Job> =>
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
