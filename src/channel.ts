import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { SwapError } from './errors.ts'
import { type Command, type Output, quote, shell } from './host.ts'

/** Programs answer in English and find the administrator's tools, however the machine's login shell is set up. */
export const environment: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
}

/** The variable that holds a command's mark and the pid it was started with: `nova/sync:4711`. */
export const markName = 'SWAPCTL_STEP'

/**
 * What sshd is given to run. `exec` keeps the program at the head of its process group, so that a signal reaches all
 * of it; `timeout` on the machine itself ends it in time even when the connection is gone by then. `$$` is the only
 * word left for the shell to expand: the program's pid, because exec keeps it.
 */
export const remoteText = (command: Command): string => {
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const limited = command.limit === undefined ? [] : ['timeout', '-k', '10', String(command.limit)]
  const marked = command.mark === undefined ? '' : ` ${quote(`${markName}=${command.mark}:`)}$$`
  return `exec ${shell(['env', ...set])}${marked} ${shell([...limited, ...command.argv])}`
}

/**
 * The same, saying its number first on standard error: sshd passes no signal on to a program that runs as root (it
 * refuses without privilege separation), so ending one takes another command that knows the number.
 */
export const announcedText = (command: Command): string => `echo ${announcement}$$ >&2; ${remoteText(command)}`

const announcement = 'swapctl-runs-as-'
const announced = new RegExp(`^${announcement}(\\d+)\\n`, 'm')

/** What a program itself said on standard error. */
export const withoutAnnouncement = (stderr: string): string => stderr.replace(announced, '')

/** The number that an announced program runs under; undefined when it never came so far. */
export const pidOf = (channel: ClientChannel): Promise<number | undefined> =>
  new Promise((resolve) => {
    let said = ''
    channel.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 4096) said += chunk.toString('utf8')
      const pid = announced.exec(said)?.[1]
      if (pid !== undefined) resolve(Number(pid))
    })
    channel.stderr.on('end', () => resolve(undefined))
  })

/** The exit code as a shell would give it: 128 + n for a program ended by signal n. */
export const signalCode = (signal: string): number =>
  128 + ((constants.signals as Readonly<Record<string, number>>)[signal] ?? 0)

/** How long a program that has ended may keep its output open before that is taken for a daemon's doing: ms. */
export const silence = 3_000

/** The last part of what a program said, for error messages. */
export const lastLines = (text: string, count = 12): string => text.trimEnd().split('\n').slice(-count).join('\n')

export const tooSlow = (where: string, command: Command, said: string): SwapError =>
  new SwapError(
    where,
    `${shell(command.argv)} did not end within ${command.limit} s and was ended${said.trim() === '' ? '' : `; it last said:\n${lastLines(said)}`}`,
    'Look on the machine what it was waiting for.',
  )

export const connectionLost = (where: string, command: Command, cause?: unknown): SwapError =>
  new SwapError(
    where,
    `the connection was lost while this ran: ${shell(command.argv)}`,
    'Check the machine; how far the program came is not known.',
    cause === undefined ? {} : { cause },
  )

const kept = 256 * 1024

/** Keeps the last part of a stream without ever holding more than twice that. */
export const tail = (stream: Readable): (() => string) => {
  let held = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (held.length > 2 * kept) held = held.subarray(-kept)
  })
  return () => held.toString('utf8')
}

export const collect = (stream: Readable): (() => string) => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}

/** `timeout` ended the program: it says 124, or 137 when TERM did not help. A program's own 124 comes earlier. */
const wasLimited = (command: Command, code: number, seconds: number): boolean =>
  command.limit !== undefined && seconds >= command.limit && (code === 124 || code === 137)

/**
 * Resolves with code and stderr when the program has ended and everything it wrote was read.
 * Rejects with SwapError when the connection was lost first or the limit has passed.
 */
export const exitOf = (
  channel: ClientChannel,
  command: Command,
  where: string,
  lost: Promise<never>,
): Promise<Omit<Output, 'stdout'>> => {
  const started = Date.now()
  const stderr = tail(channel.stderr)
  let code: number | undefined
  channel.on('exit', (status: number | null, signal?: string) => {
    code = status ?? signalCode(signal ?? '')
  })
  const drained = new Promise<void>((resolve) => channel.stderr.on('end', resolve))
  const closed = new Promise<void>((resolve) => channel.on('close', () => resolve()))
  const ended = Promise.all([closed, drained]).then(() => {
    if (code === undefined) throw connectionLost(where, command)
    if (wasLimited(command, code, (Date.now() - started) / 1000)) throw tooSlow(where, command, stderr())
    return { code, stderr: stderr() }
  })
  // Once the program's own code is known, a lost connection takes nothing away from the answer.
  const cut = lost.catch((error: unknown) => {
    if (code !== undefined) return ended
    throw connectionLost(where, command, error)
  })
  // When even `timeout` could not end it: a process in uninterruptible sleep, or a machine that hangs.
  const overdue = new Promise<never>((_, reject) => {
    if (command.limit === undefined) return
    const late = setTimeout(() => reject(tooSlow(where, command, stderr())), (command.limit + 20) * 1000)
    const stop = () => clearTimeout(late)
    ended.then(stop, stop)
    cut.catch(stop)
  })
  return Promise.race([ended, cut, overdue])
}
