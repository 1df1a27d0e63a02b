import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { SwapError } from '../errors.ts'
import { marking } from './answer.ts'
import { brief, type Command, quote, shell } from './host.ts'

/** Programs answer in English and find the administrator's tools, whatever the login shell's settings are. */
export const environment: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
}

/** The environment variable that holds a command's mark and its pid: `nova/sync:4711`. */
export const markName = 'SWAPCTL_STEP'

const announcement = 'swapctl-runs-as-'
/** Comes first from a program that sudo has begun: what standard error has before it is the login's and sudo's. */
const begunBySudo = 'swapctl-begun-by-sudo'
const announced = new RegExp(`^${announcement}(\\d+)\\n`, 'm')
const preceded = new RegExp(`^[\\s\\S]*?\\n${begunBySudo}\\n`)

const limited = ({ argv, limit }: Command): readonly string[] => [
  ...(limit === undefined ? [] : ['timeout', String(limit)]),
  ...argv,
]

const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`)

/**
 * The text sshd runs when the caller wires the streams. It first writes the PID to standard error: sshd forwards no
 * signal to root's programs (it refuses without privilege separation), so killing one takes a second command that knows
 * the PID. `exec` keeps the PID and the process group for the program itself. `timeout` on the machine enforces the
 * limit even when the connection is lost; without -k, which coreutils before 8.5 do not have.
 */
export const remoteText = (command: Command): string => {
  const marked = command.mark === undefined ? '' : ` ${quote(`${markName}=${command.mark}:`)}$$`
  return `echo ${announcement}$$ >&2; exec ${shell(['env', ...settings])}${marked} ${shell(limited(command))}`
}

/** The same for a program whose output is collected: `word` and the exit code end both outputs (see `marking`). */
export const answeredText = (command: Command, word: string): string => {
  const [marked, first] = command.mark === undefined ? ['', 'sh'] : ['"$0$$" ', `${markName}=${command.mark}:`]
  // The shell between has the announced PID; `exec` hands it to the program.
  const announce = `echo ${announcement}$$ >&2; exec env ${marked}"$@"`
  return marking(shell(['sh', '-c', announce, first, ...settings, ...limited(command)]), word)
}

/** The words that sudo's shell runs for the same: at the head of a process group, as what sshd starts is by itself. */
export const wordsForSudo = (command: Command): readonly string[] => {
  const [marked, first] = command.mark === undefined ? ['', 'sh'] : ['"$0$$" ', `${markName}=${command.mark}:`]
  const announce = `printf '\\n%s\\n%s\\n' ${begunBySudo} ${announcement}$$ >&2; exec env ${marked}"$@"`
  return ['setsid', 'sh', '-c', announce, first, ...settings, ...limited(command)]
}

/** Whether sudo has begun the program that said this on standard error. */
export const begunIn = (stderr: string): boolean => preceded.test(stderr)

/** The program's own standard error, without what comes before it and the announced PID. */
export const withoutAnnouncement = (stderr: string): string => stderr.replace(preceded, '').replace(announced, '')

/** The PID of a program; undefined when it never started. */
export const pidOf = (channel: ClientChannel): Promise<number | undefined> =>
  new Promise((resolve) => {
    let said: string | undefined = ''
    channel.stderr.on('data', (chunk: Buffer) => {
      if (said === undefined) return
      said += chunk.toString('utf8')
      const pid = announced.exec(said)?.[1]
      if (pid !== undefined) resolve(Number(pid))
      if (pid !== undefined || said.length > 65_536) said = undefined
    })
    channel.stderr.on('end', () => resolve(undefined))
  })

/** The exit code as a shell would give it: 128 + n for a program ended by signal n. */
export const signalCode = (signal: string): number =>
  128 + ((constants.signals as Readonly<Record<string, number>>)[signal] ?? 0)

/** The last lines of an output, for error messages. */
export const lastLines = (text: string, count = 12): string => text.trimEnd().split('\n').slice(-count).join('\n')

export const tooSlow = (where: string, command: Command, said: string): SwapError =>
  new SwapError(
    where,
    `${brief(command.argv)} did not end within ${command.limit} s and was ended${said.trim() === '' ? '' : `; it last said:\n${lastLines(said)}`}`,
    'Find out on the machine what it was waiting for. If it only needs longer, set [limits] in the settings.',
  )

export const connectionLost = (where: string, command: Command, cause?: unknown): SwapError =>
  new SwapError(
    where,
    `the connection was lost while this ran: ${brief(command.argv)}`,
    'Check the machine; swapctl does not know how far the program got.',
    cause === undefined ? {} : { cause },
  )

/** The error for output without an end mark: it may be incomplete. */
export const cutOff = (where: string, command: Command, code: number): SwapError =>
  new SwapError(
    where,
    `the output of ${brief(command.argv)} broke off before its end (exit ${code}) and may be incomplete`,
    'Run the same command again. If it happens again, check whether something killed the shell there (dmesg, journalctl).',
  )

/** Bytes of standard error that are kept, counted from the end. */
export const kept = 256 * 1024

/** Keeps the end of a stream; never holds more than twice `kept`. */
export const tail = (stream: Readable): (() => string) => {
  let held = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (held.length > 2 * kept) held = held.subarray(-kept)
  })
  return () => held.toString('utf8')
}
