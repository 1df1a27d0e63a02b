import type { ClientChannel } from 'ssh2'
import type { Reading } from './answer.ts'
import { connectionLost, cutOff, signalCode, tooSlow, withoutAnnouncement } from './channel.ts'
import type { Command, Job } from './host.ts'
import type { Connection } from './pool.ts'

/** Whether `timeout` killed the program, which it reports as 124. A program's own 124 comes before the limit. */
const wasLimited = (command: Command, code: number, seconds: number): boolean =>
  command.limit !== undefined && seconds >= command.limit && code === 124

export interface Running {
  readonly channel: ClientChannel
  readonly command: Command
  readonly where: string
  readonly link: Pick<Connection, 'lost' | 'broken'>
  /** what the program said on standard error so far */
  stderr(): string
  /** both outputs of a program whose output is collected; it has ended when both were read to their marks */
  readonly marked?: readonly [Reading, Reading]
  /** kills the program */
  kill(): void
}

/** Calls `act` that many seconds after the limit, unless `ended` settles first. */
const late = ({ command }: Running, seconds: number, ended: Promise<unknown>, act: () => void): void => {
  if (command.limit === undefined) return
  const timer = setTimeout(act, (command.limit + seconds) * 1000)
  const stop = () => clearTimeout(timer)
  ended.then(stop, stop)
}

/** Milliseconds to wait for sshd to close the channel before swapctl does: a daemon may hold it open for ever. */
const closing = 250

const isWhole = (marked: readonly Reading[]): boolean => marked.every((reading) => reading.code() !== undefined)

/** The exit code from both end marks, however channel and connection end after them. */
const byMarks = async ({ channel, link, marked }: Running, closed: Promise<unknown>): Promise<number> => {
  await (marked === undefined ? new Promise<never>(() => {}) : Promise.all(marked.map(({ whole }) => whole)))
  const timer = setTimeout(() => channel.close(), closing)
  await Promise.race([closed, link.lost.catch(() => {})])
  clearTimeout(timer)
  return marked?.[0].code() as number
}

/**
 * The exit code sshd sends when it closes the channel, after the last output. A lost connection ends the streams as
 * well, and then the output may be incomplete. Rejects with SwapError.
 */
const byClose = async (running: Running, closed: Promise<unknown>): Promise<number> => {
  const { channel, command, where, link, marked } = running
  let code: number | undefined
  channel.on('exit', (status: number | null, signal?: string) => {
    code = status ?? signalCode(signal ?? '')
  })
  await closed
  if (marked !== undefined && isWhole(marked)) return marked[0].code() as number
  if (code === undefined || link.broken()) throw connectionLost(where, command)
  if (marked !== undefined) throw cutOff(where, command, code)
  return code
}

/**
 * Resolves with exit code and stderr when the program has ended and all its output was read.
 * Rejects with SwapError when the connection was lost, the output is incomplete or the limit has passed.
 */
export const exitOf = (running: Running): Job['exit'] => {
  const { channel, command, where, link, kill } = running
  const started = Date.now()
  const stderr = () => withoutAnnouncement(running.stderr())
  let forced = false
  const drained = new Promise<void>((resolve) => channel.stderr.on('end', resolve))
  const closed = Promise.all([new Promise<void>((resolve) => channel.on('close', () => resolve())), drained])
  const marks = byMarks(running, closed)
  const ended = Promise.race([marks, byClose(running, closed)]).then(
    (code) => {
      // A KILL that we did not send has another reason, such as lack of memory.
      if (forced || wasLimited(command, code, (Date.now() - started) / 1000)) throw tooSlow(where, command, stderr())
      return { code, stderr: stderr() }
    },
    (error: unknown) => {
      // A killed program writes no end mark; report the limit as the reason.
      throw forced && !link.broken() ? tooSlow(where, command, stderr()) : error
    },
  )
  const cut = link.lost.catch((error: unknown) => {
    if (running.marked !== undefined && isWhole(running.marked)) return ended
    throw connectionLost(where, command, error)
  })
  const either = Promise.race([ended, cut])
  late(running, 10, either, () => {
    forced = true
    kill()
  })
  // A process in uninterruptible sleep survives even KILL.
  const overdue = new Promise<never>((_, reject) => {
    late(running, 20, either, () => reject(tooSlow(where, command, stderr())))
  })
  return Promise.race([either, overdue])
}

/** 'exited 3'; exit codes of signals and of `timeout` are spelled out. */
export const exitText = (code: number): string =>
  code === 137
    ? 'was killed (exit 137; out of memory? check dmesg)'
    : code > 128 && code < 160
      ? `was ended by signal ${code - 128}`
      : `exited ${code}`
