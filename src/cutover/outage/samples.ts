import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Look } from '../keepers/returns.ts'
import type { ProbeWork } from './probe.ts'
import { answerPatience, type Sample } from './probe-try.ts'

/** Lines written while events happen, so that a killed swapctl loses only the last moment. Times as in Sample. */
export type Line =
  | { readonly kind: 'begin'; readonly at: number }
  | ({ readonly kind: 'sample' } & Sample)
  | ({ readonly kind: 'look' } & Look)
  | { readonly kind: 'unseen'; readonly compute: string; readonly says: string }
  | { readonly kind: 'broker'; readonly peers: readonly string[] }
  | ({ readonly kind: 'end'; readonly at: number } & ProbeWork)

/** Most of the file is samples, so they are arrays without member names. */
const write = (line: Line): string =>
  JSON.stringify(
    line.kind === 'sample'
      ? [line.name, Math.round(line.at * 10) / 10, line.wire, line.wireMs, line.answer, line.ms, line.says, line.held]
      : line,
  )

/** undefined: an incomplete last line of a killed swapctl. */
const read = (text: string): Line | undefined => {
  try {
    const found: unknown = JSON.parse(text)
    if (!Array.isArray(found)) return found as Line
    const [name, at, wire, wireMs, answer, ms, says, held] = found
    return { kind: 'sample', name, at, wire, wireMs, answer, ms, says, ...(held === null ? {} : { held }) }
  } catch {
    return undefined
  }
}

export interface Recorder {
  add(line: Line): void
  /** Writes what is left. Resolves with the first error, if any: a full disk must not stop a cutover. */
  close(): Promise<Error | undefined>
}

const often = 250

/** Appends lines to a file of mode 0600, four times a second. `fresh`: discard its old content. */
export const openRecorder = async (path: string, fresh: boolean): Promise<Recorder> => {
  const file: FileHandle = await open(path, fresh ? 'w' : 'a', 0o600)
  let waiting: string[] = ['']
  let problem: Error | undefined
  let last: Promise<void> = Promise.resolve()
  const flush = (): Promise<void> => {
    if (waiting.length === 0 || problem !== undefined) return last
    const text = `${waiting.join('\n')}\n`
    waiting = []
    last = last
      .then(async () => void (await file.appendFile(text)))
      .catch((error: Error) => {
        problem ??= error
      })
    return last
  }
  const timer = setInterval(flush, often)
  return {
    add: (line) => void (problem === undefined && waiting.push(write(line))),
    close: async () => {
      clearInterval(timer)
      await flush()
      await file.close().catch(() => {})
      return problem
    },
  }
}

/** The lines of a file, oldest first; none if it does not exist. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const input = createReadStream(path, { encoding: 'utf8' })
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = text === '' ? undefined : read(text)
      if (line !== undefined) yield line
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/**
 * Samples are recorded when they end, but passed on in the order in which they began. No try takes longer than its
 * timeout, so only the last seconds are buffered.
 */
export const inOrder = (give: (sample: Sample) => void) => {
  let kept: Sample[] = []
  let seen = 0
  const release = (until: number): void => {
    const ready = kept.filter((sample) => sample.at < until).sort((a, b) => a.at - b.at)
    kept = kept.filter((sample) => sample.at >= until)
    for (const sample of ready) give(sample)
  }
  return {
    take: (sample: Sample): void => {
      kept.push(sample)
      if (sample.at < seen + 1000) return
      seen = sample.at
      release(seen - 2 * answerPatience)
    },
    end: (): void => release(Number.POSITIVE_INFINITY),
  }
}
