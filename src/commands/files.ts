import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { refuse } from '../errors.ts'

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Throws SwapError (exit 2) naming the option unless the directory that a file of it is in is there. */
export const refuseNowhere = (option: string, path: string): void => {
  const directory = dirname(resolve(path))
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw refuse(option, `${directory} is not a directory`, 'Make it first, or name a file elsewhere')
}

/** Throws SwapError (exit 2) naming the option when a file to write cannot be: its directory takes none, or is not there. */
export const refuseUnwritable = (option: string, path: string): void => {
  refuseNowhere(option, path)
  if (statSync(resolve(path), { throwIfNoEntry: false })?.isDirectory() === true)
    throw refuse(option, `${resolve(path)} is a directory`, 'Name a file')
  try {
    accessSync(dirname(resolve(path)), constants.W_OK | constants.X_OK)
  } catch (error) {
    throw refuse(option, `${resolve(path)} cannot be written: ${reason(error)}`, 'Name a file elsewhere', error)
  }
}

/** Throws SwapError (exit 2) naming the option unless a file to read is there and can be read. */
export const refuseUnreadable = (option: string, path: string): void => {
  try {
    if (!statSync(resolve(path)).isFile()) throw new Error('it is not a regular file')
    accessSync(resolve(path), constants.R_OK)
  } catch (error) {
    throw refuse(option, `${resolve(path)} cannot be read: ${reason(error)}`, 'Name another file', error)
  }
}
