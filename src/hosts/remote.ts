import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { SwapError } from '../errors.ts'
import { collect, pidOf, remoteText, silence } from './channel.ts'
import { exitOf } from './exit.ts'
import { brief, type Command, type Job, type Output } from './host.ts'
import type { Link, Pool } from './pool.ts'
import { encode } from './text.ts'

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * `wire` is called the moment the channel is there: one packet can hold its opening, all the program wrote and its exit
 * code, and whoever begins to listen only after an await has missed the exit.
 */
const openOnce = <T>(link: Link, run: Run, wire: (channel: ClientChannel) => T): Promise<T> =>
  new Promise((resolve, reject) => {
    try {
      // ssh2 sends a Buffer as it is; its types know texts alone, which could not name every file.
      const text = encode(remoteText(run.command)) as unknown as string
      link.client.exec(text, (error, channel) => (error ? reject(error) : resolve(wire(channel))))
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
  new SwapError(where, `cannot run ${brief(command.argv)}: ${message(cause)}`, 'Run the same command again.', { cause })

interface Run {
  readonly pool: Pool
  readonly command: Command
  readonly where: string
}

/** Ends a program and all it started, before its streams close: a cut stream must not pass for a regular end. */
const end = async ({ pool, where }: Run, channel: ClientChannel, pid: Promise<number | undefined>): Promise<void> => {
  const number = await pid
  // The shell's own kill: the program of that name reads a negative number in its own way on each system.
  const command: Command = { argv: ['sh', '-c', 'kill -s KILL -- "-$1"', 'kill', String(number)], limit: 10 }
  // Without a way to the machine there is nothing left to do; the exit tells of the lost connection.
  if (number !== undefined) await run({ pool, where, command }).catch(() => {})
  channel.close()
}

const wire = (run: Run, channel: ClientChannel, lost: Promise<never>, release: () => void): Job & Wired => {
  // Streams whose 'error' nobody listens to end the process; the exit tells what went wrong.
  channel.on('error', () => {})
  const pid = pidOf(channel)
  let running = true
  const kill = () => {
    if (running) void end(run, channel, pid)
    // ssh2 says nothing of a channel's end until what had arrived was read.
    channel.resume()
  }
  const exit = exitOf({ channel, command: run.command, where: run.where, lost, kill }).finally(() => {
    running = false
    release()
  })
  exit.catch(() => {})
  return { channel, stdin: channel, stdout: channel, exit, kill }
}

interface Wired {
  readonly channel: ClientChannel
}

const start = async <T>(run: Run, use: (job: Job & Wired) => T): Promise<T> => {
  const { link, release } = await run.pool.take()
  try {
    return await openChannel(link, run, (channel) => use(wire(run, channel, link.lost, release)))
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
export const run = async (what: Run): Promise<Output> => {
  const { exit, stdin, stdout } = await start(what, (job) => {
    endWhenSilent(job.channel)
    return { ...job, stdout: collect(job.stdout) }
  })
  stdin.end(encode(what.command.stdin ?? ''))
  const { code, stderr } = await exit
  return { code, stdout: stdout(), stderr }
}

/** Starts a program whose streams the caller wires. */
export const spawn = (what: Run): Promise<Job> =>
  start(what, (job) => {
    if (what.command.stdin !== undefined) job.stdin.end(encode(what.command.stdin))
    return job
  })
