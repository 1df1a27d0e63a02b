import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { readState, stateText, writeWhole } from '../../state.ts'
import { startProbe } from './probe.ts'
import type { ProbeTarget } from './probe-target.ts'
import type { Sample } from './probe-try.ts'

/** freeze.json: when each API first refused a call, ISO 8601 by the API's name in the probe. */
interface Freeze {
  readonly version: 1
  readonly refused: Readonly<Record<string, string>>
}

const pathOf = (state: string): string => join(state, 'freeze.json')

const load = async (state: string): Promise<Readonly<Record<string, string>>> => {
  return (await readState<Freeze>(pathOf(state)))?.refused ?? {}
}

const save = (state: string, refused: Freeze['refused']): Promise<void> =>
  writeWhole(pathOf(state), stateText({ version: 1, refused } satisfies Freeze))

/** Milliseconds by which the journal's clock and the probe's may differ. */
const grace = 500

/** Only the refusals of the freeze that began at `since` (ISO 8601), not of an earlier one that was undone. */
const ofFreeze = (all: Freeze['refused'], since: string | undefined): Freeze['refused'] =>
  Object.fromEntries(
    Object.entries(all).filter(([, at]) => since !== undefined && Date.parse(at) >= Date.parse(since) - grace),
  )

/** The first refused call of each API in the freeze that began at `since` (ISO 8601). */
export const savedRefusals = async (state: string, since: string | undefined): Promise<Freeze['refused']> =>
  ofFreeze(await load(state), since)

/** Failed calls in a row: a single one is not a freeze, `enough` are; after `settled` nothing more is expected. */
const enough = 3
const settled = 40

/** Finds the first refused call of each API that had answered before and has not answered since. */
const followRefusals = (names: readonly string[]) => {
  const found = new Map<string, { first: number; row: number } | undefined>()
  const silent = new Map<string, number>()
  return {
    /** returns whether the known refusals have changed */
    take: ({ name, answer, at }: Sample): boolean => {
      const before = found.get(name)
      if (answer === 'unasked') return false
      silent.set(name, answer === 'good' ? 0 : (silent.get(name) ?? 0) + 1)
      if (answer === 'good') {
        found.set(name, undefined)
        return before !== undefined && before.row >= enough
      }
      if (!found.has(name)) return false
      const now = { first: Math.min(before?.first ?? at, at), row: (before?.row ?? 0) + 1 }
      found.set(name, now)
      return now.row === enough
    },
    /** no API answers any more */
    over: (): boolean => names.every((name) => (silent.get(name) ?? 0) >= settled),
    refused: (): Freeze['refused'] =>
      Object.fromEntries(
        [...found].flatMap(([name, one]) =>
          one === undefined || one.row < enough ? [] : [[name, new Date(one.first).toISOString()]],
        ),
      ),
  }
}

export interface FreezeWatch {
  /** Stops watching. Resolves with the first refusals known for this freeze. */
  end(): Promise<Freeze['refused']>
}

/**
 * Probes the source's APIs while the freeze closes them. Results are written at once: they survive a killed migrate,
 * and the next run keeps them.
 * `since`: when the freeze began; asked whenever results are written.
 */
export const watchFreeze = async (
  { config }: Pick<Context, 'config'>,
  targets: readonly ProbeTarget[],
  since: () => string | undefined,
): Promise<FreezeWatch> => {
  const earlier = await load(config.state)
  const follow = followRefusals(targets.map(({ name }) => name))
  let last: Promise<void> = Promise.resolve()
  const known = () => ({ ...follow.refused(), ...ofFreeze(earlier, since()) })
  const write = (): void => {
    // Before the freeze's first step there is nothing to write. A full disk is reported by more important writes.
    last = last.then(() => save(config.state, known())).catch(() => {})
  }
  const enoughSeen = new AbortController()
  const heard = (sample: Sample): void => {
    if (follow.take(sample)) write()
    if (follow.over()) enoughSeen.abort()
  }
  const probe = startProbe(targets, { heard, signal: enoughSeen.signal })
  return {
    end: async () => {
      await probe.stop()
      write()
      await last
      return ofFreeze(known(), since())
    },
  }
}
