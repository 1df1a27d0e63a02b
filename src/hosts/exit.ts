import type { ClientChannel } from 'ssh2'
import { connectionLost, signalCode, tail, tooSlow, withoutAnnouncement } from './channel.ts'
import type { Command, Job } from './host.ts'

/** `timeout` ended the program: it says 124. A program's own 124 comes earlier. */
const wasLimited = (command: Command, code: number, seconds: number): boolean =>
  command.limit !== undefined && seconds >= command.limit && code === 124

export interface Running {
  readonly channel: ClientChannel
  readonly command: Command
  readonly where: string
  /** rejects when the connection ends */
  readonly lost: Promise<never>
  /** ends the program by force */
  kill(): void
}

/** Calls `act` that many seconds after the limit, unless `ended` comes first. */
const late = ({ command }: Running, seconds: number, ended: Promise<unknown>, act: () => void): void => {
  if (command.limit === undefined) return
  const timer = setTimeout(act, (command.limit + seconds) * 1000)
  const stop = () => clearTimeout(timer)
  ended.then(stop, stop)
}

/**
 * Resolves with code and stderr when the program has ended and everything it wrote was read.
 * Rejects with SwapError when the connection was lost first or the limit has passed.
 */
export const exitOf = (running: Running): Job['exit'] => {
  const { channel, command, where, lost, kill } = running
  const started = Date.now()
  const heard = tail(channel.stderr)
  const stderr = () => withoutAnnouncement(heard())
  let code: number | undefined
  let forced = false
  channel.on('exit', (status: number | null, signal?: string) => {
    code = status ?? signalCode(signal ?? '')
  })
  const drained = new Promise<void>((resolve) => channel.stderr.on('end', resolve))
  const closed = new Promise<void>((resolve) => channel.on('close', () => resolve()))
  const ended = Promise.all([closed, drained]).then(() => {
    if (code === undefined) throw connectionLost(where, command)
    // A KILL that is not ours has another reason: the machine was out of memory.
    if (forced || wasLimited(command, code, (Date.now() - started) / 1000)) throw tooSlow(where, command, stderr())
    return { code, stderr: stderr() }
  })
  // Once the program's own code is known, a lost connection takes nothing away from the answer.
  const cut = lost.catch((error: unknown) => {
    if (code !== undefined) return ended
    throw connectionLost(where, command, error)
  })
  const either = Promise.race([ended, cut])
  late(running, 10, either, () => {
    forced = true
    kill()
  })
  // Not even KILL ends a process in uninterruptible sleep.
  const overdue = new Promise<never>((_, reject) => {
    late(running, 20, either, () => reject(tooSlow(where, command, stderr())))
  })
  return Promise.race([either, overdue])
}
