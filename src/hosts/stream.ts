import { finished } from 'node:stream/promises'
import { SwapError } from '../errors.ts'
import { lastLines } from './channel.ts'
import { exitText } from './exit.ts'
import { brief, type Command, type Host, type Job } from './host.ts'
import { slowed } from './slow.ts'

export interface End {
  readonly host: Host
  readonly command: Command
}

const failure = (end: End, { code, stderr }: { code: number; stderr: string }): SwapError | undefined =>
  code === 0
    ? undefined
    : new SwapError(
        end.host.name,
        `${brief(end.command.argv)} ${exitText(code)}${stderr.trim() === '' ? '' : `:\n${lastLines(stderr)}`}`,
        'Fix the cause and run the same command again.',
      )

/** How one side ended: undefined when it succeeded, else the error. */
const outcome = (end: End, job: Job): Promise<unknown> =>
  job.exit.then(
    (exit) => failure(end, exit),
    (error: unknown) => error,
  )

const endedEarly = (end: End): SwapError =>
  new SwapError(
    end.host.name,
    `${brief(end.command.argv)} ended before it had read all its input`,
    'Fix the cause and run the same command again.',
  )

export interface FlowOptions {
  /** receives the number of bytes sent so far */
  readonly onBytes?: (bytes: number) => void
  /** seconds without data after which the stream is aborted */
  readonly silence?: number | undefined
  /** the writer's output is the reader's input */
  readonly talk?: boolean
  /** bytes per second at most; 0: no limit */
  readonly rate?: number
}

const tooSilent = ({ host, command }: End, silence: number | undefined, whole: boolean): SwapError =>
  new SwapError(
    host.name,
    `${brief(command.argv)} ${whole ? `did not end within ${silence} s of the end of its input` : `transferred nothing for ${silence} s`} and was ended`,
    'Find out on the machine what it was waiting for. If it only needs longer, set [limits] silence in the settings.',
  )

/** Calls `act` once no data has moved for so many seconds. */
const watchFor = (seconds: number | undefined, act: () => void): { moved: () => void; stop: () => void } => {
  if (seconds === undefined) return { moved: () => {}, stop: () => {} }
  const timer = setTimeout(act, seconds * 1000)
  return { moved: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}

const spawnBoth = async (from: End, to: End): Promise<{ reader: Job; writer: Job }> => {
  const writer = await to.host.spawn(to.command)
  // What it says before the other has begun waits: execa drops what nobody has asked for.
  writer.stdout.pause()
  try {
    return { writer, reader: await from.host.spawn(from.command) }
  } catch (error) {
    writer.kill()
    throw error
  }
}

/**
 * Streams the output of one program into another on a second machine; resolves with the number of bytes.
 * The writer's input is closed only once the reader has exited with 0: a dump that breaks off never looks complete to
 * the program that imports it, which is killed instead. Throws SwapError for the side that failed first.
 */
export const flow = async (
  from: End,
  to: End,
  { onBytes, silence, talk, rate = 0 }: FlowOptions = {},
): Promise<number> => {
  const { reader, writer } = await spawnBoth(from, to)
  let bytes = 0
  let first: unknown
  let whole = false
  const watch = watchFor(silence, () => {
    first ??= tooSilent(whole || writer.stdin.writableNeedDrain ? to : from, silence, whole)
    reader.kill()
    writer.kill()
  })
  reader.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    watch.moved()
    onBytes?.(bytes)
  })
  writer.stdin.on('drain', watch.moved)
  // The exit codes tell more than stream errors, and an unhandled one would end the process.
  for (const stream of [reader.stdin, reader.stdout, writer.stdin, writer.stdout]) stream.on('error', () => {})
  const slow = rate === 0 ? undefined : slowed(rate)
  const drained = slow === undefined ? undefined : finished(slow).catch(() => {})
  const sent = slow === undefined ? reader.stdout : reader.stdout.pipe(slow)
  sent.pipe(writer.stdin, { end: false })
  if (talk === true) {
    writer.stdout.on('data', () => {
      watch.moved()
      onBytes?.(bytes)
    })
    writer.stdout.pipe(reader.stdin)
  }
  writer.stdout.resume()

  const reading = outcome(from, reader).then(async (error) => {
    first ??= error
    whole = error === undefined
    watch.moved()
    // Nobody listens any more; unread output would hold up the writer's end.
    writer.stdout.unpipe(reader.stdin).resume()
    if (!whole) return writer.kill()
    await drained
    writer.stdin.end()
  })
  const writing = outcome(to, writer).then((error) => {
    first ??= error ?? (whole ? undefined : endedEarly(to))
    sent.unpipe(writer.stdin)
    slow?.destroy()
    reader.kill()
  })
  await Promise.all([reading, writing])
  watch.stop()
  if (first !== undefined) throw first
  return bytes
}
