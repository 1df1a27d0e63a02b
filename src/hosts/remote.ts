import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { SwapError } from '../errors.ts'
import { newEndWord, readToMark, textOf } from './answer.ts'
import { answeredText, connectionLost, kept, pidOf, remoteText, tail } from './channel.ts'
import { exitOf, type Running } from './exit.ts'
import { brief, type Command, type Job, type Output } from './host.ts'
import type { Connection, Pool, Taken } from './pool.ts'
import type { Exchange, Trial } from './prove.ts'
import { beginning, inputThrough, newPrompt, notBegun, type Sudo, sudoText } from './sudo.ts'
import { encode } from './text.ts'

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * `wire` is called at once with the channel: one packet can hold its opening, all output and the exit code, so a
 * listener added after an await would miss the exit.
 */
const openOnce = <T>(link: Connection, run: Run, wire: (channel: ClientChannel) => T): Promise<T> =>
  openOnceAs(link, textFor(run), wire)

const openOnceAs = <T>(link: Connection, shellText: string, wire: (channel: ClientChannel) => T): Promise<T> =>
  new Promise((resolve, reject) => {
    try {
      // ssh2 sends a Buffer unchanged; its types allow only strings, which cannot hold every file name.
      const bytes = encode(shellText) as unknown as string
      link.client.exec(bytes, (error, channel) => (error ? reject(error) : resolve(wire(channel))))
    } catch (error) {
      reject(error)
    }
  })

/**
 * When sshd refuses to open a channel, nothing ran, so trying again is safe: sshd counts sessions that have just ended
 * for a while. Undefined when it keeps refusing while other sessions run on the same connection.
 */
const openChannel = async <T>(taken: Taken, run: Run, wire: (channel: ClientChannel) => T): Promise<T | undefined> => {
  for (let pause = 100; ; pause *= 2) {
    try {
      return await openOnce(taken.link, run, wire)
    } catch (error) {
      const refused = error instanceof Error && 'reason' in error
      if (!refused || pause >= 5_000) throw notRun(run, error)
      if (pause >= 400 && taken.narrow()) return undefined
      await sleep(pause)
    }
  }
}

const notRun = ({ command, where }: Pick<Run, 'command' | 'where'>, cause: unknown): SwapError =>
  new SwapError(where, `cannot run ${brief(command.argv)}: ${message(cause)}`, 'Run the same command again.', { cause })

interface Run {
  readonly pool: Pool
  readonly command: Command
  readonly where: string
  /** undefined: root logs in */
  readonly sudo: Sudo | undefined
  /** the prompt that sudo uses for its password */
  readonly prompt: string
  /** the end word of a program whose output is collected */
  readonly word?: string
}

/** What is asked for; how it is put is found when it begins. */
export type Wanted = Omit<Run, 'word' | 'prompt'>

const textFor = ({ command, word, sudo, prompt }: Run): string =>
  sudo !== undefined
    ? sudoText(command, sudo, prompt, word)
    : word === undefined
      ? remoteText(command)
      : answeredText(command, word)

/** Kills a program and its children before its streams close: a truncated stream must not look like a regular end. */
const end = async (
  { pool, where, sudo }: Run,
  channel: ClientChannel,
  pid: Promise<number | undefined>,
): Promise<void> => {
  const number = await pid
  // The shell's builtin: /bin/kill parses a negative number differently on each system.
  const command: Command = { argv: ['sh', '-c', 'kill -s KILL -- "-$1"', 'kill', String(number)], limit: 10 }
  // When the machine cannot be reached nothing can be done; the exit reports the lost connection.
  if (number !== undefined) await run({ pool, where, sudo, command }).catch(() => {})
  channel.close()
}

/** Attaches readers: to both outputs of a collected program, to standard error alone of a wired one. */
const listen = ({ word }: Run, channel: ClientChannel): Pick<Running, 'stderr' | 'marked'> => {
  if (word === undefined) return { stderr: tail(channel.stderr) }
  const [stdout, stderr] = [readToMark(channel, word), readToMark(channel.stderr, word, kept)] as const
  return { stderr: () => textOf(stderr), marked: [stdout, stderr] }
}

const wire = (run: Run, channel: ClientChannel, link: Connection, release: () => void): Job & Wired => {
  // An unhandled 'error' of a stream ends the process; the exit reports what went wrong.
  channel.on('error', () => {})
  const pid = pidOf(channel)
  const heard = listen(run, channel)
  let running = true
  const kill = () => {
    if (running) void end(run, channel, pid)
    // ssh2 reports a channel's end only after all received data was read.
    channel.resume()
  }
  const ended = exitOf({ channel, command: run.command, where: run.where, link, kill, ...heard })
  const exit = begun(run, { channel, link, ...heard }, pid, ended).finally(() => {
    running = false
    release()
  })
  exit.catch(() => {})
  const said = () => (heard.marked === undefined ? '' : textOf(heard.marked[0]))
  return { said, channel, stdin: inputThrough(channel, run.sudo, run.prompt), stdout: channel, exit, kill }
}

/** The exit of a program that sudo has begun: of what it did not begin, sudo's own words are told. */
const begun = async (
  { command, where, sudo }: Run,
  { channel, link, stderr }: Pick<Running, 'channel' | 'link' | 'stderr'>,
  pid: Promise<number | undefined>,
  ended: Job['exit'],
): Job['exit'] => {
  if (sudo === undefined) return ended
  let here = false
  void pid.then((number) => {
    here = number !== undefined
  })
  const timer = setTimeout(() => here || channel.close(), beginning * 1000)
  await ended.catch(() => {})
  clearTimeout(timer)
  if (!here && !link.broken()) throw notBegun(where, command, stderr())
  return ended
}

interface Wired {
  readonly channel: ClientChannel
  /** the standard output collected so far */
  said(): string
}

const start = async (wanted: Wanted & Pick<Run, 'word'>): Promise<Job & Wired> => {
  const run = { ...wanted, prompt: newPrompt() }
  for (;;) {
    const taken = await run.pool.take()
    const { link, release } = taken
    try {
      const job = await openChannel(taken, run, (channel) => wire(run, channel, link, release))
      if (job !== undefined) return job
    } catch (error) {
      release()
      throw error
    }
    // The connection now allows fewer sessions; the next one taken has room.
    release()
  }
}

const most = 65_536

const text = (stream: Readable): (() => string) => {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < most) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

/** Runs a shell text unchanged in the machine's login shell and collects the answer, for at most so many seconds. */
export const exchange = async (pool: Pool, trial: Trial, where: string, seconds: number): Promise<Exchange> => {
  const { link, release } = await pool.take()
  const command: Command = { argv: ['sh', '-c', 'a first command'] }
  try {
    return await openOnceAs(link, trial.text, (channel) => {
      channel.on('error', () => {})
      const [stdout, stderr] = [text(channel), text(channel.stderr)]
      let code: number | undefined
      channel.on('exit', (status: number | null) => {
        code = status ?? undefined
      })
      const timer = setTimeout(() => channel.close(), seconds * 1000)
      inputThrough(channel, trial.sudo, trial.prompt).end(trial.stdin)
      return new Promise<Exchange>((resolve, reject) => {
        channel.on('close', () => {
          clearTimeout(timer)
          if (link.broken()) reject(connectionLost(where, command))
          else resolve({ stdout: stdout(), stderr: stderr(), code })
        })
      })
    })
  } catch (error) {
    throw error instanceof SwapError ? error : notRun({ command, where }, error)
  } finally {
    release()
  }
}

/**
 * Runs a program and collects its output; a non-zero exit code is returned. Throws SwapError when there is no exit
 * code.
 */
export const run = async (what: Wanted): Promise<Output> => {
  const job = await start({ ...what, word: newEndWord() })
  job.stdin.end(encode(what.command.stdin ?? ''))
  const { code, stderr } = await job.exit
  return { code, stdout: job.said(), stderr }
}

/** Starts a program whose streams the caller wires. */
export const spawn = async (what: Wanted): Promise<Job> => {
  const job = await start(what)
  if (what.command.stdin !== undefined) job.stdin.end(encode(what.command.stdin))
  return job
}

/** Starts a program and gives its channel, once `word` is on standard error; undefined, with what it said, when it ends first. */
export const connected = async (what: Wanted, word: string): Promise<{ channel?: ClientChannel; stderr: string }> => {
  const job = await start(what)
  const said = new Promise<{ channel: ClientChannel; stderr: string }>((resolve) => {
    let stderr = ''
    const hear = (chunk: Buffer) => {
      stderr += chunk.toString('utf8')
      if (!stderr.includes(word)) return
      job.channel.stderr.off('data', hear)
      resolve({ channel: job.channel, stderr: '' })
    }
    job.channel.stderr.on('data', hear)
    // ssh2 tells no end of what nobody reads.
    job.channel.stderr.on('end', () => stderr.includes(word) || job.channel.resume())
  })
  return Promise.race([said, job.exit.then(({ stderr }) => ({ stderr }))])
}
