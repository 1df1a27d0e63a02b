import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../state.ts'

const fileIn = (state: string): string => join(state, 'identity')

/** The id of the swap that this state directory belongs to; undefined before its first command. */
export const readIdentity = async (state: string): Promise<string | undefined> => {
  try {
    return (await readFile(fileIn(state), 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The same, made when there is none: a swap of the same name in another state directory is another swap. */
export const identityOf = async (state: string): Promise<string> => {
  const known = await readIdentity(state)
  if (known !== undefined && known !== '') return known
  await makeDirectory(state)
  const mine = `${fileIn(state)}.new.${process.pid}`
  await writeFile(mine, `${randomUUID()}\n`, { mode: 0o600 })
  if (known === '') await rm(fileIn(state), { force: true })
  // A link appears whole and once, whoever is faster.
  await link(mine, fileIn(state)).catch(() => {})
  await rm(mine, { force: true })
  return (await readFile(fileIn(state), 'utf8')).trim()
}
