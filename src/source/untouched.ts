import { join } from 'node:path'
import type { Context } from '../context.ts'
import { stateOf } from '../engine/journal.ts'
import { readJournal } from '../engine/journal-file.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import { backupDirectory } from '../target/places.ts'
import { identifier } from '../verify/content-sql.ts'
import type { Difference } from '../verify/difference.ts'
import { differenceText } from '../verify/text.ts'
import { changedBySwap, compareFingerprints, type Found } from './changed-since.ts'
import { askChecksums, askQuick, type Fingerprint, fingerprintId, savedFingerprint } from './fingerprint.ts'
import { stoodStill } from './written.ts'

interface Compared {
  readonly before: Fingerprint
  readonly differences: readonly Difference[]
  /** 'still': MariaDB's counters say that nothing was written, and so the tables were not read */
  readonly tables: 'read' | 'still' | 'unread'
}

/**
 * How closely to look. 'quick' reads the tables only when MariaDB has written anything since, 'glance' not even then; both
 * take a second or two when it has not.
 */
type How = 'whole' | 'quick' | 'glance'

/** undefined: no fingerprint stands to compare with. */
const compareSource = async (context: Context, how: How): Promise<Compared | undefined> => {
  const { config } = context
  const { entries } = await readJournal(join(config.state, 'journal.jsonl'), config.name)
  const before = await savedFingerprint(context)
  if (before === undefined || stateOf({ entries }, fingerprintId) !== 'done') return undefined
  const now = await askQuick(context)
  const still = stoodStill(before.written, now.written)
  const read = how === 'whole' || (how === 'quick' && !still)
  const tables = read ? await askChecksums(context.hosts('source')) : before.tables
  const known = { ...changedBySwap(entries), addresses: config.addresses.map(({ address }) => address) }
  const found = compareFingerprints(before, { ...now, tables }, known)
  return {
    before,
    tables: read ? 'read' : still ? 'still' : 'unread',
    differences: found.map((one) => differenceOf(context, before, one)),
  }
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
  const compared = await compareSource(context, 'whole')
  const asked = new Set(recipes.map(({ name }) => name))
  // What is no service's own concerns all of them.
  return compared?.differences.filter(({ service }) => service === undefined || asked.has(service)) ?? []
}

/**
 * Compares the source with its fingerprint of the freeze, and says what was compared. Throws SwapError that names every
 * difference.
 */
export const proveUntouched = async (context: Context, how: How = 'whole'): Promise<string> => {
  const compared = await compareSource(context, how)
  if (compared === undefined) throw new SwapError('local', 'no fingerprint was taken', 'Run swapctl migrate')
  const { before, differences, tables } = compared
  if (differences.length > 0)
    throw new SwapError(
      'source',
      `not what it was at the freeze (${before.at}):\n  ${differences.map(differenceText).join('\n  ')}`,
      'Find out who changed it before going on; the backup taken by prepare holds the state before the swap',
    )
  const counts = [before.files, before.units, before.addresses].map((all) => Object.keys(all).length)
  return `${Object.keys(before.tables).length} tables${seen[tables]}, ${counts[0]} files, ${counts[1]} units and ${counts[2]} addresses as they were at the freeze`
}

const seen: Readonly<Record<Compared['tables'], string>> = {
  read: '',
  still: ' (nothing was written since)',
  unread: ' (MariaDB has written since: swapctl verify reads them)',
}

/** The same as a text for `status`, alarm and all; undefined while no fingerprint stands. A source that is silent is told too. */
export const untouchedText = async (context: Context): Promise<string | undefined> => {
  try {
    return (await isFrozen(context)) ? await proveUntouched(context, 'glance') : undefined
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
