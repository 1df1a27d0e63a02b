import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { decode } from './text.ts'

/** A random word that no program prints by chance. A wrapper prints it after the program, with its exit code. */
export const newEndWord = (): string => `swapctl-end-${randomBytes(12).toString('hex')}`

/**
 * Shell text that runs `program` (shell text too) and then writes the end word with its exit code to both outputs. A
 * pipe keeps the order, so a reader that has seen the mark has read everything the program wrote, whatever a daemon
 * that it started writes later. What the wrapping shell says about a killed program is dropped. Runs in any POSIX
 * shell.
 */
export const marking = (program: string, word: string): string =>
  `{ ${program} 2>&3 3>&-; } 3>&2 2>/dev/null; c=$?; printf '${word}=%d;' "$c"; printf '${word}=%d;' "$c" >&2; exit "$c"`

/** One of a program's two outputs, up to its end mark. */
export interface Reading {
  /** the program's exit code once the mark was read; before that the output may be incomplete */
  code(): number | undefined
  bytes(): Buffer
  readonly whole: Promise<void>
}

/** '=' + up to three digits + ';' */
const afterWord = 5

/** Reads a stream up to its end mark. `most`: keeps about that many bytes, the last ones. */
export const readToMark = (stream: Readable, word: string, most = Number.POSITIVE_INFINITY): Reading => {
  let chunks: Buffer[] = []
  let size = 0
  let edge = Buffer.alloc(0)
  let code: number | undefined
  let tell = () => {}
  const whole = new Promise<void>((resolve) => {
    tell = resolve
  })
  stream.on('data', (chunk: Buffer) => {
    if (code !== undefined) return
    chunks.push(chunk)
    size += chunk.length
    // The mark may span two chunks, so the end of the previous chunk is searched again.
    const seen = Buffer.concat([edge, chunk])
    const at = seen.lastIndexOf(word)
    const exit = at < 0 ? undefined : /^=(\d+);/.exec(seen.toString('latin1', at + word.length, at + word.length + 5))
    edge = Buffer.from(seen.subarray(-(word.length + afterWord)))
    if (exit?.[1] !== undefined) {
      code = Number(exit[1])
      chunks = [Buffer.concat(chunks).subarray(0, Math.max(0, size - (seen.length - at)))]
      tell()
    } else if (size > 2 * most) {
      chunks = [Buffer.concat(chunks).subarray(-most)]
      size = most
    }
  })
  return { code: () => code, bytes: () => Buffer.concat(chunks), whole }
}

/** The text of an output up to its mark. */
export const textOf = (reading: Reading): string => decode(reading.bytes())
