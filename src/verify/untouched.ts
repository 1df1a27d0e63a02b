import { join } from 'node:path'
import type { Context } from '../context.ts'
import { stateOf } from '../engine/journal.ts'
import { readJournal } from '../engine/journal-file.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { SideMachine } from '../hosts/host.ts'
import { firstName, idOn, idsOn, membersOf, said } from '../hosts/sides.ts'
import { backupDirectory } from '../places.ts'
import type { Recipe } from '../services/recipe.ts'
import { askQuick, askTables, type Fingerprint, fingerprintId, savedFingerprint } from '../source/fingerprint.ts'
import { stoodStill } from '../source/written.ts'
import { name as identifier } from '../text/sql.ts'
import { changedBySwap, compareFingerprints, type SourceChange } from './changed-since.ts'
import type { Difference } from './difference.ts'
import { differenceText } from './text.ts'

interface Compared {
  readonly before: Fingerprint
  readonly differences: readonly Difference[]
  /** 'still': MariaDB's counters show that nothing was written, so the tables were not read */
  readonly tables: 'read' | 'still' | 'unread'
}

/**
 * How thorough the comparison is. 'quick' reads the tables only if MariaDB has written anything since, 'brief' never;
 * without writes both take a second or two.
 */
type How = 'whole' | 'quick' | 'brief'

/** Every machine of the source with a valid fingerprint; []: none has one. */
const compareSource = async (context: Context, how: How): Promise<readonly Compared[]> => {
  const all = await Promise.all(membersOf(context.config, 'source').map((name) => compareMachine(context, name, how)))
  return all.filter((one) => one !== undefined)
}

/** undefined: it has no valid fingerprint. */
const compareMachine = async (context: Context, name: SideMachine, how: How): Promise<Compared | undefined> => {
  const { config } = context
  const { entries } = await readJournal(join(config.state, 'journal.jsonl'), config.name)
  const before = await savedFingerprint(context, name)
  if (before === undefined || stateOf({ entries }, idOn(fingerprintId, config, name)) !== 'done') return undefined
  const now = await askQuick(context, name)
  const still = stoodStill(before.written, now.written)
  const read = how === 'whole' || (how === 'quick' && !still)
  const tables = read ? await askTables(context, name) : before.tables
  const known = {
    ...changedBySwap(entries, namesOf(config, name)),
    addresses: config.addresses.map(({ address }) => address),
  }
  const found = compareFingerprints(before, { ...now, tables }, known)
  return {
    before,
    tables: read ? 'read' : still ? 'still' : 'unread',
    differences: found.map((one) => differenceOf(context, before, one, name)),
  }
}

const differenceOf = (
  context: Context,
  before: Fingerprint,
  { what, name, says }: SourceChange,
  on: SideMachine,
): Difference => {
  const service = context.recipes.find((recipe) => isOf(recipe, what, name))?.name
  return {
    part: 'source',
    ...(service === undefined ? {} : { service }),
    where: `${on}, ${what} ${name}`,
    says,
    look: lookAt(context, before, { what, name }, on),
  }
}

const isOf = (recipe: Recipe, what: SourceChange['what'], name: string): boolean => {
  if (what === 'table') return recipe.databases.some((database) => name.startsWith(`${database.name}.`))
  if (what === 'file') return recipe.etc.some((tree) => name.startsWith(`${tree}/`))
  return what === 'unit' && recipe.source.some((role) => role.units.includes(name))
}

const lookAt = (
  { config }: Context,
  before: Fingerprint,
  { what, name }: Pick<SourceChange, 'what' | 'name'>,
  on: SideMachine,
): string => {
  if (what === 'table') {
    const dot = name.indexOf('.')
    const table = `${identifier(name.slice(0, dot))}.${identifier(name.slice(dot + 1))}`
    return `CHECKSUM TABLE ${table}; on ${said(on)}, at the freeze ${before.tables[name] ?? 'not there'}`
  }
  if (what === 'file') {
    const backup = `tar -xOf ${backupDirectory(config.name)}/config.tar ${name.slice(1)}, on the target`
    return `ls -l ${name}; on ${said(on)}${on === firstName(config, 'source') ? `; as prepare found it: ${backup}` : ''}`
  }
  return what === 'unit' ? `systemctl status ${name}; on ${said(on)}` : `ip addr show; on ${said(on)}`
}

/** The journal's names for a machine: its own, and its side's if it is the first. */
const namesOf = (config: Context['config'], name: SideMachine): readonly SideMachine[] =>
  name === firstName(config, 'source') ? ['source', name] : [name]

/** The differences for `swapctl verify`. Reads every table of the source. */
export const sourceDifferences = async (
  context: Context,
  recipes: readonly Recipe[],
): Promise<readonly Difference[]> => {
  const compared = await compareSource(context, 'whole')
  const asked = new Set(recipes.map(({ name }) => name))
  // A difference that belongs to no single service concerns all of them.
  return compared
    .flatMap(({ differences }) => differences)
    .filter(({ service }) => service === undefined || asked.has(service))
}

/**
 * Compares the source with its fingerprint from the freeze; resolves with what was compared. Throws SwapError naming
 * every difference.
 */
export const proveUntouched = async (context: Context, how: How = 'whole'): Promise<string> => {
  const compared = await compareSource(context, how)
  const [first] = compared
  if (first === undefined) throw new SwapError('local', 'the source has no fingerprint', 'Run swapctl migrate')
  const differences = compared.flatMap((one) => one.differences)
  if (differences.length > 0)
    throw new SwapError(
      'source',
      `changed since the freeze (${first.before.at}):\n  ${differences.map(differenceText).join('\n  ')}`,
      'Find out what changed it before you continue; the backup from prepare holds the state before the swap',
    )
  const count = (what: 'tables' | 'files' | 'units' | 'addresses'): number =>
    compared.reduce((all, { before }) => all + Object.keys(before[what]).length, 0)
  return `${count('tables')} tables${seen[leastSeen(compared)]}, ${count('files')} files, ${count('units')} units and ${count('addresses')} addresses as they were at the freeze`
}

const leastSeen = (compared: readonly Compared[]): Compared['tables'] =>
  (['unread', 'still'] as const).find((how) => compared.some(({ tables }) => tables === how)) ?? 'read'

const seen: Readonly<Record<Compared['tables'], string>> = {
  read: '',
  still: ' (nothing written since)',
  unread: ' (MariaDB has written since: swapctl verify reads them)',
}

/**
 * The same as text for `status`, including an alarm; undefined without a valid fingerprint. Also reports a source that
 * does not answer.
 */
export const untouchedText = async (context: Context): Promise<string | undefined> => {
  try {
    return (await isFrozen(context)) ? await proveUntouched(context, 'brief') : undefined
  } catch (error) {
    if (error instanceof SwapError) return `ALARM: ${error.where}: ${error.message}`
    throw error
  }
}

/** Whether there is a fingerprint that the source must match. */
export const isFrozen = async (context: Context): Promise<boolean> => {
  const { entries } = await readJournal(join(context.config.state, 'journal.jsonl'), context.config.name)
  return stateOf({ entries }, fingerprintId) === 'done' && (await savedFingerprint(context)) !== undefined
}

/** The last check of `migrate`: nothing that ran on the target has changed the source. */
export const untouchedStep = (context: Context, after: readonly string[]): Step => ({
  id: 'migrate/untouched',
  phase: 'migrate',
  title: 'Compare the source with its fingerprint from the freeze',
  after: [...after, ...idsOn(fingerprintId, context.config, 'source')],
  changes: [],
  run: nothing,
  undo: nothing,
  proof: () => proveUntouched(context),
})
