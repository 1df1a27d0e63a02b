import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../state.ts'

const fileIn = (state: string): string => join(state, 'identity')

/** The id of the swap that owns this state directory; undefined before its first command. */
export const readIdentity = async (state: string): Promise<string | undefined> => {
  try {
    return (await readFile(fileIn(state), 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Like readIdentity, but creates the id when there is none. The same swap name in another state directory is another
 * swap.
 */
export const identityOf = async (state: string): Promise<string> => {
  const known = await readIdentity(state)
  if (known !== undefined && known !== '') return known
  await makeDirectory(state)
  const mine = `${fileIn(state)}.new.${process.pid}`
  await writeFile(mine, `${randomUUID()}\n`, { mode: 0o600 })
  if (known === '') await rm(fileIn(state), { force: true })
  // link() is atomic: when two processes race, one id wins and both read it.
  await link(mine, fileIn(state)).catch(() => {})
  await rm(mine, { force: true })
  return (await readFile(fileIn(state), 'utf8')).trim()
}
