import { join } from 'node:path'
import { readState, writeWhole } from '../../state.ts'
import type { Outage } from './outage.ts'
import { outageText } from './outage-text.ts'

/** The files of the outage report in the state directory, for programs and for people. */
export const outagePaths = (state: string) => ({ json: join(state, 'outage.json'), text: join(state, 'outage.txt') })

export const saveOutage = async (state: string, outage: Outage): Promise<void> => {
  const paths = outagePaths(state)
  await writeWhole(paths.json, `${JSON.stringify(outage, null, 2)}\n`)
  await writeWhole(paths.text, `${outageText(outage)}\n`)
}

/** The report of the current swap; one left by an earlier cutover that was undone does not count. */
export const savedOutage = async (state: string, frozenSince: string | undefined): Promise<Outage | undefined> => {
  const outage = await readState<Outage>(outagePaths(state).json)
  return frozenSince !== undefined && outage?.frozenSince === frozenSince ? outage : undefined
}
