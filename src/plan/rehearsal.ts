import { join } from 'node:path'
import type { Config } from '../config.ts'
import { readState } from '../state.ts'
import { duration } from '../text/units.ts'
import type { Prediction } from './prediction.ts'
import { shortPrediction } from './prediction-text.ts'

/** The result of the last rehearsal. */
export interface Rehearsal {
  /** ISO 8601: when it ended */
  readonly at: string
  readonly services: readonly string[]
  readonly failed: readonly { readonly service: string; readonly says: string }[]
  /** tables that lost rows: 'nova.instances: 12 of 40 rows are left' */
  readonly lost: readonly string[]
  /** absent when something failed */
  readonly freeze?: Prediction
}

export const rehearsalPath = ({ state }: Pick<Config, 'state'>): string => join(state, 'rehearsal.json')

/** undefined: nothing was rehearsed. */
export const savedRehearsal = (config: Pick<Config, 'state'>): Promise<Rehearsal | undefined> =>
  readState<Rehearsal>(rehearsalPath(config))

/** One line for `status`. */
export const rehearsalLine = ({ at, services, failed, lost, freeze }: Rehearsal, now: Date): string => {
  const when = `${services.join(', ')} rehearsed at ${at.slice(0, 16)}Z, ${duration((+now - Date.parse(at)) / 1000)} ago`
  const rows = lost.length === 0 ? '' : `; ${lost.length} tables lost rows`
  if (failed.length > 0) return `${when}: ${failed.map(({ service }) => service).join(', ')} failed${rows}`
  return `${when}: ${freeze === undefined ? 'nothing failed' : shortPrediction(freeze)}${rows}`
}
