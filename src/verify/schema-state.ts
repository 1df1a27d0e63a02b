import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { Database } from '../services/recipe.ts'
import type { Picture } from './schema-picture.ts'
import { writeState } from './state.ts'

const pathOf = (context: Context, repo: Database['repo']): string =>
  join(context.config.state, 'schemas', `${repo}.json`)

/** Keeps what a schema that was made from nothing looks like. */
export const savePicture = (context: Context, picture: Picture): Promise<void> =>
  writeState(pathOf(context, picture.repo), picture)

/** The same, where prepare has come so far. */
export const maybePicture = async (context: Context, repo: Database['repo']): Promise<Picture | undefined> => {
  try {
    return JSON.parse(await readFile(pathOf(context, repo), 'utf8')) as Picture
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** What `prepare` saw. Throws SwapError when it is not there. */
export const savedPicture = async (context: Context, repo: Database['repo']): Promise<Picture> => {
  const path = pathOf(context, repo)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Picture
  } catch (error) {
    throw new SwapError(
      path,
      `what the schema of ${repo} has to look like cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Put the file back, or go back and prepare the target anew: swapctl revert, swapctl prepare',
      { cause: error },
    )
  }
}
