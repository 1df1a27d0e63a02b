import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { execa } from 'execa'
import { SwapError } from '../errors.ts'
import { collect, environment, markName, signalCode, silence, tail, tooSlow } from './channel.ts'
import { type Command, type Host, type Job, type Output, questionLimit } from './host.ts'
import { encode } from './text.ts'

const where = 'local'

/**
 * A bash whose input is a socket, as a pipe of node's is, takes itself for one that sshd started and reads the operator's
 * ~/.bashrc, whatever that may do, unless it is told that another shell has started it (bash(1), INVOCATION).
 */
const nested = '2'

/** As on the other machines: the mark with the pid that the program will have. */
const marked = ({ argv, mark }: Command): Command['argv'] =>
  mark === undefined ? argv : ['sh', '-c', `exec env "${markName}=$0:$$" "$@"`, mark, ...argv]

const start = (command: Command) => {
  const [program, ...words] = marked(command)
  const child = execa(program, words, {
    buffer: false,
    reject: false,
    env: { ...environment, PATH: `${environment['PATH']}:${process.env['PATH'] ?? ''}`, SHLVL: nested },
    // A process group of its own: a limit ends all of it, and Ctrl-C at the terminal is swapctl's to answer.
    detached: true,
  })
  // A program that ends before it has read its input is no error of ours; its exit code tells.
  child.stdin.on('error', () => {})
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    try {
      // Once it has ended, its number may be another's.
      const ended = child.exitCode !== null || child.signalCode !== null
      if (child.pid !== undefined && !ended) process.kill(-child.pid, signal)
    } catch {
      // It has ended already.
    }
  }
  return { child, end }
}

type Child = ReturnType<typeof start>['child']

/** TERM when the limit has passed, KILL 10 s later: what `timeout` does on the other machines. */
const endInTime = (command: Command, end: (signal: 'SIGTERM' | 'SIGKILL') => void) => {
  let passed = false
  const timers: NodeJS.Timeout[] = []
  if (command.limit !== undefined) {
    const act = (signal: 'SIGTERM' | 'SIGKILL') => () => {
      passed = true
      end(signal)
    }
    timers.push(setTimeout(act('SIGTERM'), command.limit * 1000))
    timers.push(setTimeout(act('SIGKILL'), command.limit * 1000 + 10_000))
  }
  return { passed: () => passed, stop: () => timers.forEach(clearTimeout) }
}

const begin = (command: Command): { child: Child; job: Job } => {
  const { child, end } = start(command)
  const stderr = tail(child.stderr)
  const limit = endInTime(command, end)
  const exit = (async () => {
    const result = await child
    limit.stop()
    if (limit.passed()) throw tooSlow(where, command, stderr())
    // As a shell says it, and so as ssh does: 127 when there is no such program.
    if (result.code === 'ENOENT') return { code: 127, stderr: `${command.argv[0]}: not found` }
    if (result.exitCode === undefined && result.signal === undefined)
      throw new SwapError(where, result.message ?? 'cannot start', 'Run the same command again.', {
        cause: result.cause,
      })
    return { code: result.exitCode ?? signalCode(result.signal ?? ''), stderr: stderr() }
  })()
  exit.catch(() => {})
  if (command.stdin !== undefined) child.stdin.end(encode(command.stdin))
  const kill = () => {
    end('SIGKILL')
    child.stdout.resume()
  }
  return { child, job: { stdin: child.stdin, stdout: child.stdout, exit, kill } }
}

/** A daemon started by the program may hold its output open for ever; once the program has ended, silence is the end. */
const endWhenSilent = (child: Child): void => {
  child.once('exit', () => {
    const timer = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, silence)
    child.stdout.on('data', () => timer.refresh())
    child.once('close', () => clearTimeout(timer))
  })
}

type Watch = <T extends { readonly job: Job }>(begun: T) => T

const run = async (command: Command, watched: Watch): Promise<Output> => {
  const { child, job } = watched(begin({ limit: questionLimit, ...command, stdin: command.stdin ?? '' }))
  const stdout = collect(job.stdout)
  endWhenSilent(child)
  const { code, stderr } = await job.exit
  return { code, stdout: stdout(), stderr }
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

/** The operator's own machine. */
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
    // What still runs belongs to nobody any more, and would keep this process from ending.
    close: async () => {
      for (const job of running) job.kill()
    },
  }
}
