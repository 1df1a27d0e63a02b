import { readFileSync, statSync } from 'node:fs'
import { refuse } from '../errors.ts'

/** Larger is no file that somebody wrote by hand. */
const most = 1_000_000

/**
 * The text of a file that the operator writes; undefined when there is none. Throws SwapError (exit 2) for what is no
 * regular file, which could be read for ever, for one of over 1 MB, and with the system's reason when it cannot be read.
 */
export const readWritten = (path: string, next: string): string | undefined => {
  try {
    const found = statSync(path)
    if (!found.isFile()) throw new Error('it is not a regular file')
    if (found.size > most) throw new Error(`it has ${found.size} bytes, and ${most} are the most`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refuse(path, `cannot be read: ${(error as Error).message}`, next, error)
  }
}
