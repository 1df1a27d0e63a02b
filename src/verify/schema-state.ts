import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { Database } from '../services/recipe.ts'
import { readState } from '../state.ts'
import type { Picture } from './schema-picture.ts'

/** The file with the snapshot of a schema created from scratch. */
export const picturePath = (context: Context, repo: Database['repo']): string =>
  join(context.config.state, 'schemas', `${repo}.json`)

/** The snapshot from `prepare`; undefined before that. */
export const maybePicture = async (context: Context, repo: Database['repo']): Promise<Picture | undefined> => {
  return readState<Picture>(picturePath(context, repo))
}

/** The same. Throws SwapError when there is none. */
export const savedPicture = async (context: Context, repo: Database['repo']): Promise<Picture> => {
  const path = picturePath(context, repo)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Picture
  } catch (error) {
    throw new SwapError(
      path,
      `cannot read the expected schema of ${repo}: ${error instanceof Error ? error.message : String(error)}`,
      'Restore the file, or start over: swapctl revert, swapctl prepare',
      { cause: error },
    )
  }
}
