import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { SwapError } from '../errors.ts'
import { brief, type Command, quote, shell } from './host.ts'
import { decode } from './text.ts'

/** Programs answer in English and find the administrator's tools, however the machine's login shell is set up. */
export const environment: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
}

/** The variable that holds a command's mark and the pid it was started with: `nova/sync:4711`. */
export const markName = 'SWAPCTL_STEP'

const announcement = 'swapctl-runs-as-'
const announced = new RegExp(`^${announcement}(\\d+)\\n`, 'm')

/**
 * What sshd is given to run. First the program's number goes to standard error: sshd passes no signal on to what root
 * runs (it refuses without privilege separation), so ending it takes another command that knows the number. `exec` keeps
 * that number and the head of the process group for the program itself. `timeout` on the machine ends it in time even
 * when the connection is gone by then; without -k, which coreutils before 8.5 do not know.
 */
export const remoteText = (command: Command): string => {
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const limited = command.limit === undefined ? [] : ['timeout', String(command.limit)]
  const marked = command.mark === undefined ? '' : ` ${quote(`${markName}=${command.mark}:`)}$$`
  return `echo ${announcement}$$ >&2; exec ${shell(['env', ...set])}${marked} ${shell([...limited, ...command.argv])}`
}

/** What a program itself said on standard error. */
export const withoutAnnouncement = (stderr: string): string => stderr.replace(announced, '')

/** The number that a program runs under; undefined when it never came so far. */
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
    `${brief(command.argv)} did not end within ${command.limit} s and was ended${said.trim() === '' ? '' : `; it last said:\n${lastLines(said)}`}`,
    'Look on the machine what it was waiting for; where it only needs longer: [limits] in the settings.',
  )

export const connectionLost = (where: string, command: Command, cause?: unknown): SwapError =>
  new SwapError(
    where,
    `the connection was lost while this ran: ${brief(command.argv)}`,
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
  return () => decode(Buffer.concat(chunks))
}
