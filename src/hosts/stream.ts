import { SwapError } from '../errors.ts'
import { lastLines } from './channel.ts'
import { brief, type Command, type Host, type Job } from './host.ts'

export interface End {
  readonly host: Host
  readonly command: Command
}

const failure = (end: End, { code, stderr }: { code: number; stderr: string }): SwapError | undefined =>
  code === 0
    ? undefined
    : new SwapError(
        end.host.name,
        `${brief(end.command.argv)} exited ${code}${stderr.trim() === '' ? '' : `:\n${lastLines(stderr)}`}`,
        'Mend the cause and run the same command again.',
      )

/** How one side ended: undefined when it ended well. */
const outcome = (end: End, job: Job): Promise<unknown> =>
  job.exit.then(
    (exit) => failure(end, exit),
    (error: unknown) => error,
  )

const endedEarly = (end: End): SwapError =>
  new SwapError(
    end.host.name,
    `${brief(end.command.argv)} ended before it had read everything`,
    'Mend the cause and run the same command again.',
  )

const spawnBoth = async (from: End, to: End): Promise<{ reader: Job; writer: Job }> => {
  const writer = await to.host.spawn(to.command)
  try {
    return { writer, reader: await from.host.spawn(from.command) }
  } catch (error) {
    writer.kill()
    throw error
  }
}

/**
 * Streams what one program says into another on a second machine; resolves with the number of bytes that flowed.
 * The writer is told of the end only once the reader is known to have ended well: a dump that breaks off never looks
 * whole to the program that imports it, which is killed instead. Throws SwapError with the side that failed first.
 */
export const flow = async (from: End, to: End, onBytes: (bytes: number) => void = () => {}): Promise<number> => {
  const { reader, writer } = await spawnBoth(from, to)
  let bytes = 0
  reader.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    onBytes(bytes)
  })
  // Neither stream's error tells more than the exits do, and the first of them would end the process.
  for (const stream of [reader.stdout, writer.stdin, writer.stdout]) stream.on('error', () => {})
  reader.stdout.pipe(writer.stdin, { end: false })
  writer.stdout.resume()

  let first: unknown
  let whole = false
  const reading = outcome(from, reader).then((error) => {
    first ??= error
    whole = error === undefined
    if (whole) writer.stdin.end()
    else writer.kill()
  })
  const writing = outcome(to, writer).then((error) => {
    first ??= error ?? (whole ? undefined : endedEarly(to))
    reader.stdout.unpipe(writer.stdin)
    reader.kill()
  })
  await Promise.all([reading, writing])
  if (first !== undefined) throw first
  return bytes
}
