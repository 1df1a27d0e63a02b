import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { execa } from 'execa'
import { SwapError } from '../errors.ts'
import { defaultLimits } from '../limits.ts'
import { marking, newEndWord, type Reading, readToMark, textOf } from './answer.ts'
import { cutOff, environment, kept, markName, signalCode, tail, tooSlow } from './channel.ts'
import type { Argv, Command, Host, Job, Output } from './host.ts'
import { encode } from './text.ts'

const where = 'local'

/**
 * Bash started with a socket as its input, which node's pipes are, assumes that sshd started it and reads the
 * operator's ~/.bashrc. SHLVL of 2 prevents that (bash(1), INVOCATION).
 */
const nested = '2'

/** As over ssh: the mark with the pid that the program will have. */
const marked = ({ argv, mark }: Command): Command['argv'] =>
  mark === undefined ? argv : ['sh', '-c', `exec env "${markName}=$0:$$" "$@"`, mark, ...argv]

const start = ([program, ...words]: Argv) => {
  const child = execa(program, words, {
    buffer: false,
    reject: false,
    env: { ...environment, PATH: `${environment['PATH']}:${process.env['PATH'] ?? ''}`, SHLVL: nested },
    // An own process group: a limit kills all of it, and Ctrl-C at the terminal reaches only swapctl.
    detached: true,
  })
  // A program may end before it has read its input; its exit code tells whether that is an error.
  child.stdin.on('error', () => {})
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    try {
      // Once the program has ended, its pid may belong to another process.
      const ended = child.exitCode !== null || child.signalCode !== null
      if (child.pid !== undefined && !ended) process.kill(-child.pid, signal)
    } catch {
      // The process group is gone already.
    }
  }
  return { child, end }
}

type Started = ReturnType<typeof start>
type Child = Started['child']

/**
 * TERM when the limit has passed, KILL 10 s later, as `timeout` does on the other machines. A process that has left the
 * group may still hold the output open; it is not waited for.
 */
const endInTime = (command: Command, { child, end }: Started) => {
  let passed = false
  const after = (seconds: number, act: () => void): NodeJS.Timeout => setTimeout(act, seconds * 1000)
  const act = (signal: 'SIGTERM' | 'SIGKILL') => () => {
    passed = true
    end(signal)
  }
  const timers =
    command.limit === undefined
      ? []
      : [
          after(command.limit, act('SIGTERM')),
          after(command.limit + 10, act('SIGKILL')),
          after(command.limit + 12, () => letGo(child)),
        ]
  return { passed: () => passed, stop: () => timers.forEach(clearTimeout) }
}

const letGo = (child: Child): void => {
  child.stdout.destroy()
  child.stderr.destroy()
}

/** The exit code as a shell reports it, and so as ssh does: 127 when the program does not exist. */
const endOf = async (command: Command, started: Started, stderr: () => string): Promise<Omit<Output, 'stdout'>> => {
  const limit = endInTime(command, started)
  const result = await started.child
  limit.stop()
  if (limit.passed()) throw tooSlow(where, command, stderr())
  if (result.code === 'ENOENT') return { code: 127, stderr: `${command.argv[0]}: not found` }
  if (result.exitCode === undefined && result.signal === undefined)
    throw new SwapError(where, result.message ?? 'cannot start', 'Run the same command again.', { cause: result.cause })
  return { code: result.exitCode ?? signalCode(result.signal ?? ''), stderr: stderr() }
}

const jobOf = (command: Command, started: Started, stderr: () => string): Job => {
  const { child, end } = started
  const exit = endOf(command, started, stderr)
  exit.catch(() => {})
  if (command.stdin !== undefined) child.stdin.end(encode(command.stdin))
  const kill = () => {
    end('SIGKILL')
    child.stdout.resume()
  }
  return { stdin: child.stdin, stdout: child.stdout, exit, kill }
}

const begin = (command: Command): { job: Job } => {
  const started = start(marked(command))
  return { job: jobOf(command, started, tail(started.child.stderr)) }
}

/** Both outputs end with a mark, as over ssh. The shell around the program survives the TERM of a limit. */
const beginCollected = (command: Command): { job: Job; readings: readonly [Reading, Reading] } => {
  const word = newEndWord()
  const started = start(['sh', '-c', `trap : TERM; ${marking('"$@"', word)}`, 'sh', ...marked(command)])
  const { child } = started
  const readings = [readToMark(child.stdout, word), readToMark(child.stderr, word, kept)] as const
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // A daemon started by the program may hold its output open for ever; everything the program wrote was read by then.
  void Promise.all([exited, ...readings.map(({ whole }) => whole)]).then(() => letGo(child))
  return { job: jobOf(command, started, () => textOf(readings[1])), readings }
}

type Watch = <T extends { readonly job: Job }>(begun: T) => T

const run = async (asked: Command, watched: Watch): Promise<Output> => {
  const command = { limit: defaultLimits.question, ...asked, stdin: asked.stdin ?? '' }
  const { job, readings } = watched(beginCollected(command))
  const { code, stderr } = await job.exit
  const [said, heard] = readings.map((reading) => reading.code())
  if (said === undefined || heard === undefined) throw cutOff(where, command, code)
  return { code: said, stdout: textOf(readings[0]), stderr }
}

const socket = (path: string): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const stream = connect(path, () => resolve(stream))
    stream.once('error', (error) =>
      reject(
        new SwapError(where, `cannot connect to ${path}: ${error.message}`, 'Is the service running here?', {
          cause: error,
        }),
      ),
    )
  })

export const localHost = (): Host => {
  const running = new Set<Job>()
  const watched = <T extends { readonly job: Job }>(begun: T): T => {
    running.add(begun.job)
    const forget = () => void running.delete(begun.job)
    begun.job.exit.then(forget, forget)
    return begun
  }
  return {
    name: 'local',
    run: (command) => run(command, watched),
    spawn: async (command) => watched(begin(command)).job,
    socket,
    // Programs that still run would keep this process from ending.
    close: async () => {
      for (const job of running) job.kill()
    },
  }
}
