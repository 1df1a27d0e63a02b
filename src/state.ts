import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { refuse, SwapError } from './errors.ts'

/** The content of a JSON file in the state directory, for a step's `keeps`. */
export const stateText = (value: unknown, replacer?: (key: string, value: unknown) => unknown): string =>
  `${JSON.stringify(value, replacer, 1)}\n`

/**
 * Reads a JSON file of the state directory, whose form its writer defines; undefined when it does not exist. Throws
 * SwapError (exit 2) naming the file when it is damaged.
 */
export const readState = async <T>(path: string): Promise<T | undefined> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw refuse(
      path,
      'the file is damaged: not valid JSON',
      'Restore it from a backup, or rerun the command that wrote it',
      error,
    )
  }
}

/** The same for a file that a step must have written. Throws SwapError when it does not exist: the step has not run. */
export const needState = async <T>(path: string): Promise<T> => {
  const found = await readState<T>(path)
  if (found === undefined)
    throw new SwapError(path, 'the file is missing: the step that writes it has not run', 'Run: swapctl status')
  return found
}

/** The temporary file of `writeWhole`. */
export const besideOf = (path: string): string => `${path}.new`

/** Writes a file atomically and durably, readable by its owner only (0600): temporary file, fsync, rename. */
export const writeWhole = async (path: string, text: string): Promise<void> => {
  const beside = besideOf(path)
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
}

const isDirectory = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/**
 * Creates a directory and its parents, accessible to the owner only (0700); an existing one is unchanged. Throws the
 * system's error. Level by level, because `mkdir` with `recursive` never returns below a directory that accepts no new
 * ones, such as /proc.
 */
export const makeDirectory = async (path: string): Promise<void> => {
  if (await isDirectory(path)) return
  if (dirname(path) !== path) await makeDirectory(dirname(path))
  await mkdir(path, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' || !(await isDirectory(path))) throw error
  })
}
