import { join } from 'node:path'
import type { Context } from '../context.ts'
import { type Entry, newestFirst, stateOf, undoOf } from '../engine/journal.ts'
import { readJournal } from '../engine/journal-file.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import { backupDirectory } from '../target/places.ts'
import { identifier } from '../verify/content-sql.ts'
import type { Difference } from '../verify/difference.ts'
import { differenceText } from '../verify/text.ts'
import {
  askChecksums,
  askQuick,
  type Fingerprint,
  fingerprintId,
  type Quick,
  savedFingerprint,
  stoodStill,
} from './fingerprint.ts'

/** What the swap itself has changed on the source since the fingerprint was taken, and has not taken back. */
export interface Changed {
  /** files that it has written: their undo says which */
  readonly files: ReadonlySet<string>
  /** where the addresses that move have to be; 'either' while a move is half done */
  readonly moving: 'source' | 'target' | 'either'
}

const moveId = 'cutover/move'

/** Pure. */
export const changedBySwap = (entries: readonly Entry[]): Changed => {
  const undos = newestFirst({ entries }).flatMap((id) => undoOf({ entries }, id) ?? [])
  const move = stateOf({ entries }, moveId)
  return {
    files: new Set(
      undos.flatMap((action) =>
        (action.kind === 'write' || action.kind === 'remove') && action.on === 'source' ? [action.path] : [],
      ),
    ),
    moving: move === 'done' ? 'target' : move === 'begun' || move === 'failed' ? 'either' : 'source',
  }
}

export interface Known extends Changed {
  /** the addresses that move */
  readonly addresses: readonly string[]
}

interface Found {
  readonly what: 'table' | 'file' | 'unit' | 'address'
  readonly name: string
  readonly says: string
}

type Parts = Pick<Fingerprint, 'files' | 'units' | 'addresses'> & { readonly tables?: Fingerprint['tables'] }

/** Every table, file, unit and address that is not what it was, apart from what the swap itself has done. Pure. */
export const compareFingerprints = (before: Parts, after: Parts, known: Known): readonly Found[] => [
  ...compare('table', before.tables ?? {}, after.tables ?? {}, () => 'changed since the freeze'),
  ...compare('file', before.files, after.files, fileText).filter(({ name }) => !known.files.has(name)),
  ...compare('unit', before.units, after.units, became),
  ...compareAddresses(before.addresses, after.addresses, known),
]

const became = (a: string, b: string): string => `was ${a} at the freeze and is ${b}`

/** A file's hash says nothing to a person; its mode and owner do. */
const fileText = (a: string, b: string): string => {
  const [[hash, ...rest], [other, ...others]] = [a.split(' '), b.split(' ')]
  return hash === other ? became(rest.join(' '), others.join(' ')) : 'changed since the freeze'
}

const compare = (
  what: Found['what'],
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  changed: (a: string, b: string) => string,
): readonly Found[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [a, b] = [before[name], after[name]]
    if (a === b) return []
    const says =
      b === undefined
        ? 'was there at the freeze and is gone'
        : a === undefined
          ? 'is new since the freeze'
          : changed(a, b)
    return [{ what, name, says }]
  })

/** An address that has moved must not be seen on the source again. */
const compareAddresses = (before: Parts['addresses'], after: Parts['addresses'], known: Known): readonly Found[] => {
  const moves = (name: string): boolean => known.moving !== 'source' && known.addresses.includes(name)
  const back = known.moving === 'target' ? known.addresses.filter((name) => after[name] !== undefined) : []
  return [
    ...compare('address', before, after, (a, b) => became(`on ${a}`, `on ${b}`)).filter(({ name }) => !moves(name)),
    ...back.map(
      (name): Found => ({ what: 'address', name, says: `has moved to the target and is on ${after[name]} again` }),
    ),
  ]
}

interface Compared {
  readonly before: Fingerprint
  readonly differences: readonly Difference[]
  /** the tables were read; false: MariaDB's counters say that nothing was written */
  readonly read: boolean
}

/** `quick`: tables are read only when MariaDB has written anything since. undefined: no fingerprint stands to compare with. */
const compareSource = async (context: Context, quick: boolean): Promise<Compared | undefined> => {
  const { config } = context
  const { entries } = await readJournal(join(config.state, 'journal.jsonl'), config.name)
  const before = await savedFingerprint(context)
  if (before === undefined || stateOf({ entries }, fingerprintId) !== 'done') return undefined
  const now = await askQuick(context)
  const read = !(quick && stoodStill(before.written, now.written))
  const tables = read ? await askChecksums(context.hosts('source')) : before.tables
  const after: Quick & Parts = { ...now, tables }
  const known = { ...changedBySwap(entries), addresses: config.addresses.map(({ address }) => address) }
  const found = compareFingerprints(before, after, known)
  return { before, read, differences: found.map((one) => differenceOf(context, before, one)) }
}

const differenceOf = (context: Context, before: Fingerprint, { what, name, says }: Found): Difference => {
  const service = context.recipes.find((recipe) => isOf(recipe, what, name))?.name
  return {
    part: 'source',
    ...(service === undefined ? {} : { service }),
    where: `source, ${what} ${name}`,
    says,
    look: lookAt(context, before, what, name),
  }
}

const isOf = (recipe: Recipe, what: Found['what'], name: string): boolean => {
  if (what === 'table') return recipe.databases.some((database) => name.startsWith(`${database.name}.`))
  if (what === 'file') return recipe.etc.some((tree) => name.startsWith(`${tree}/`))
  return what === 'unit' && recipe.source.some((role) => role.units.includes(name))
}

const lookAt = ({ config }: Context, before: Fingerprint, what: Found['what'], name: string): string => {
  if (what === 'table') {
    const dot = name.indexOf('.')
    const table = `${identifier(name.slice(0, dot))}.${identifier(name.slice(dot + 1))}`
    return `CHECKSUM TABLE ${table}; on the source, at the freeze ${before.tables[name] ?? 'not there'}`
  }
  if (what === 'file')
    return `ls -l ${name}; on the source; as prepare found it: tar -xOf ${backupDirectory(config.name)}/config.tar ${name.slice(1)}, on the target`
  return what === 'unit' ? `systemctl status ${name}; on the source` : 'ip addr show; on the source'
}

/** The differences of `swapctl verify`. Reads every table of the source. */
export const sourceDifferences = async (
  context: Context,
  recipes: readonly Recipe[],
): Promise<readonly Difference[]> => {
  const compared = await compareSource(context, false)
  const asked = new Set(recipes.map(({ name }) => name))
  // What is no service's own concerns all of them.
  return compared?.differences.filter(({ service }) => service === undefined || asked.has(service)) ?? []
}

/**
 * Compares the source with its fingerprint of the freeze. Throws SwapError that names every difference.
 * `quick` leaves the tables unread while MariaDB's counters say that nothing was written.
 */
export const proveUntouched = async (context: Context, how: 'quick' | 'whole' = 'whole'): Promise<string> => {
  const compared = await compareSource(context, how === 'quick')
  if (compared === undefined) throw new SwapError('local', 'no fingerprint was taken', 'Run swapctl migrate')
  const { before, differences, read } = compared
  if (differences.length > 0)
    throw new SwapError(
      'source',
      `not what it was at the freeze (${before.at}):\n  ${differences.map(differenceText).join('\n  ')}`,
      'Find out who changed it before going on; the backup taken by prepare holds the state before the swap',
    )
  const counts = [before.files, before.units, before.addresses].map((all) => Object.keys(all).length)
  const tables = `${Object.keys(before.tables).length} tables${read ? '' : ' (nothing was written since)'}`
  return `${tables}, ${counts[0]} files, ${counts[1]} units and ${counts[2]} addresses as they were at the freeze`
}

/** The same as a text for `status`, alarm and all; undefined while no fingerprint stands. A source that is silent is told too. */
export const untouchedText = async (context: Context): Promise<string | undefined> => {
  try {
    return (await isFrozen(context)) ? await proveUntouched(context, 'quick') : undefined
  } catch (error) {
    if (error instanceof SwapError) return `ALARM: ${error.where}: ${error.message}`
    throw error
  }
}

/** Whether there is a fingerprint that the source has to agree with. */
export const isFrozen = async (context: Context): Promise<boolean> => {
  const { entries } = await readJournal(join(context.config.state, 'journal.jsonl'), context.config.name)
  return stateOf({ entries }, fingerprintId) === 'done' && (await savedFingerprint(context)) !== undefined
}

/** The last look of `migrate`: nothing that ran on the target has reached back. */
export const untouchedStep = (context: Context, after: readonly string[]): Step => ({
  id: 'migrate/untouched',
  phase: 'migrate',
  title: 'Compare the source with its fingerprint of the freeze',
  after: [...after, fingerprintId],
  run: nothing,
  undo: nothing,
  proof: () => proveUntouched(context),
})
