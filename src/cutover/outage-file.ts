import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outage } from './outage.ts'
import { outageText } from './outage-text.ts'

/** Where the report of the outage is kept in the state directory, for programs and for people. */
export const outagePaths = (state: string) => ({ json: join(state, 'outage.json'), text: join(state, 'outage.txt') })

const keep = async (path: string, text: string): Promise<void> => {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

export const saveOutage = async (state: string, outage: Outage): Promise<void> => {
  const paths = outagePaths(state)
  await keep(paths.json, `${JSON.stringify(outage, null, 2)}\n`)
  await keep(paths.text, `${outageText(outage)}\n`)
}

/** The report on the swap that stands now: one that an earlier cutover has left, undone since, is none. */
export const savedOutage = async (state: string, frozenSince: string | undefined): Promise<Outage | undefined> => {
  try {
    const outage = JSON.parse(await readFile(outagePaths(state).json, 'utf8')) as Outage
    return frozenSince !== undefined && outage.frozenSince === frozenSince ? outage : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
