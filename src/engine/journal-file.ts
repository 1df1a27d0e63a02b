import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { refuse, SwapError } from '../errors.ts'
import type { Entry } from './journal.ts'

const remedy = 'Put back a copy of the journal that is whole; without it swapctl cannot know what to undo.'

const readOrEmpty = async (path: string): Promise<Buffer> => {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw refuse(path, `the journal cannot be read: ${(error as Error).message}`, remedy, error)
  }
}

const withFile = async (path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> => {
  const file = await open(path, flags, 0o600)
  await use(file).finally(() => file.close())
}

const parseLine = (line: string, where: string): Entry => {
  try {
    const entry = JSON.parse(line) as Entry
    if (typeof entry.event === 'string' && typeof entry.at === 'string') return entry
  } catch (error) {
    throw refuse(where, 'this line of the journal is not JSON', remedy, error)
  }
  throw refuse(where, 'this line of the journal is no entry', remedy)
}

/** The entries of the file's whole lines, and how many bytes those are: an unfinished last line was never acted upon. */
const parse = (content: Buffer, path: string): { entries: Entry[]; whole: number } => {
  const whole = content.lastIndexOf('\n') + 1
  const lines = content.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
  return { entries: lines.map((line, index) => parseLine(line, `${path}:${index + 1}`)), whole }
}

const checkHead = (entries: readonly Entry[], path: string, swap: string): void => {
  const head = entries[0]
  if (head === undefined) return
  if (head.event !== 'opened') throw refuse(`${path}:1`, 'the journal does not begin with its opening line', remedy)
  if (head.version !== 1)
    throw refuse(`${path}:1`, `the journal is of version ${head.version}, known is 1`, 'Use the swapctl that wrote it.')
  if (head.swap !== swap)
    throw refuse(
      `${path}:1`,
      `the journal belongs to the swap '${head.swap}', not to '${swap}'`,
      'Name another state directory in the settings, or correct the name.',
    )
}

/**
 * The journal's whole entries and how many bytes they take; no file is an empty journal.
 * Throws SwapError (exit 2) with file and line for a damaged line, another version or another swap's journal.
 */
export const readJournal = async (path: string, swap: string): Promise<{ entries: Entry[]; whole: number }> => {
  const content = parse(await readOrEmpty(path), path)
  checkHead(content.entries, path, swap)
  return content
}

/** Ready for appending: directory and file are there and readable for nobody else, an unfinished last line is cut off. */
export const prepareFile = async (path: string, whole: number): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await withFile(path, 'a', (file) => file.truncate(whole))
  await withFile(dirname(path), 'r', (directory) => directory.sync())
}

/** The line is on the disk when this resolves. */
export const appendLine = async (path: string, line: string): Promise<void> => {
  try {
    await withFile(path, 'a', async (file) => {
      await file.appendFile(`${line}\n`)
      await file.sync()
    })
  } catch (error) {
    throw new SwapError(
      path,
      `the journal cannot be written: ${(error as Error).message}`,
      'Nothing is begun that is not written down first. Make room or mend the disk, then run the same command again.',
      { cause: error },
    )
  }
}
