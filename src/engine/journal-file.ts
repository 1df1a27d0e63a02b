import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { refuse, SwapError } from '../errors.ts'
import { makeDirectory } from '../state.ts'
import type { Entry, Identity } from './journal.ts'

const remedy = 'Restore an intact copy of the journal; without it swapctl cannot know what to undo.'

interface Content {
  entries: Entry[]
  /** length of the complete lines in bytes */
  readonly whole: number
  /** checksum of the last line */
  readonly sum: string
}

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

/** Sixteen hex digits over a line and the previous line's checksum, so that each depends on all lines before it. */
const sumOf = (body: string, before: string): string =>
  createHash('sha256').update(before).update(body).digest('hex').slice(0, 16)

/** A line with its chained checksum: a line that is later changed, lost or moved is detected. */
export const sealed = (json: string, before: string): { readonly text: string; readonly sum: string } => {
  const sum = sumOf(json, before)
  return { text: `${json.slice(0, -1)},"sum":"${sum}"}`, sum }
}

const seal = /,"sum":"([0-9a-f]{16})"}$/

const parseLine = (line: string, where: string): Entry => {
  try {
    const { sum: _, ...entry } = JSON.parse(line) as Entry & { sum?: string }
    if (typeof entry.event === 'string' && typeof entry.at === 'string') return entry
  } catch (error) {
    throw refuse(where, 'this line of the journal is not JSON', remedy, error)
  }
  throw refuse(where, 'this line of the journal is not a journal entry', remedy)
}

/**
 * The entries of the complete lines and their length in bytes. An unfinished last line is dropped: its action never
 * ran.
 */
const parse = (content: Buffer, path: string, check: (head: Entry) => void): Content => {
  const whole = content.lastIndexOf('\n') + 1
  const lines = content.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
  let sum = ''
  const entries = lines.map((line, index) => {
    const where = `${path}:${index + 1}`
    const entry = parseLine(line, where)
    // The version is checked first: another version may compute checksums differently.
    if (index === 0) check(entry)
    const own = seal.exec(line)?.[1]
    if (own === undefined && sum === '') return entry
    if (own !== sumOf(line.replace(seal, '}'), sum))
      throw refuse(where, 'this line of the journal, or an earlier one, was altered after it was written', remedy)
    sum = own
    return entry
  })
  return { entries, whole, sum }
}

/** The file beside the journal that holds the number of journal lines. */
const countPath = (path: string): string => `${path}.lines`

/**
 * An unfinished last line may be dropped, missing complete lines may not. The count is written after its line, so a
 * crash can leave the journal longer than the count, never shorter. Without a count file nothing is checked.
 */
const checkLength = async ({ entries }: Content, path: string): Promise<void> => {
  const counted = Number.parseInt((await readOrEmpty(countPath(path))).toString('utf8'), 10)
  if (entries.length < counted)
    throw refuse(path, `the journal is truncated: ${counted} lines were written, ${entries.length} are left`, remedy)
}

/** Of a side's host keys; its other machines may come and go until the freeze. */
const firstOf = (keys: string): string => keys.split(' ')[0] ?? ''

const checkHead = (head: Entry, path: string, swap: string, machines?: Identity): void => {
  if (head.event !== 'opened') throw refuse(`${path}:1`, "the journal's first line is missing", remedy)
  if (head.version !== 1)
    throw refuse(
      `${path}:1`,
      `the journal has version ${head.version}; this swapctl reads version 1`,
      'Use the swapctl version that wrote it.',
    )
  if (head.swap !== swap)
    throw refuse(
      `${path}:1`,
      `the journal belongs to the swap '${head.swap}', not to '${swap}'`,
      'Set another state directory in the settings, or correct the name.',
    )
  for (const side of ['source', 'target'] as const)
    if (
      machines !== undefined &&
      head.machines !== undefined &&
      firstOf(head.machines[side]) !== firstOf(machines[side])
    )
      throw refuse(
        `${path}:1`,
        `the journal belongs to another cloud: its ${side} has host key ${firstOf(head.machines[side])}, the settings have ${firstOf(machines[side])}`,
        `Set another state directory in the settings. If it is the same machine, set host_key of [${side}] to the key in the journal; the machine must still have that key.`,
      )
}

/**
 * The journal's complete entries and their length in bytes; a missing file is an empty journal.
 * Throws SwapError (exit 2) with file and line for a damaged line, another version, another swap's journal, or one of
 * other machines.
 */
export const readJournal = async (path: string, swap: string, machines?: Identity): Promise<Content> => {
  const content = parse(await readOrEmpty(path), path, (head) => checkHead(head, path, swap, machines))
  await checkLength(content, path)
  return content
}

/**
 * Prepares the journal for appending: creates directory and file, readable by the owner only, and cuts off an
 * unfinished last line.
 */
export const prepareFile = async (path: string, whole: number): Promise<void> => {
  await makeDirectory(dirname(path))
  await withFile(path, 'a', (file) => file.truncate(whole))
  await withFile(dirname(path), 'r', (directory) => directory.sync())
}

/** Appends a line, the `count`th of the file; it is on disk when this resolves. */
export const appendLine = async (path: string, line: string, count: number): Promise<void> => {
  try {
    await withFile(path, 'a', async (file) => {
      await file.appendFile(`${line}\n`)
      await file.sync()
    })
    await writeFile(countPath(path), `${count}\n`, { mode: 0o600 })
  } catch (error) {
    throw new SwapError(
      path,
      `the journal cannot be written: ${(error as Error).message}`,
      'swapctl starts nothing that it cannot record first. Free space or fix the disk, then run the same command again.',
      { cause: error },
    )
  }
}
