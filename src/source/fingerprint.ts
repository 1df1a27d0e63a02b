import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { openDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'

/** What the old controller is made of at the freeze: a checksum per table and per config file. */
export interface Fingerprint {
  readonly at: string
  /** 'nova.instances' -> checksum and nothing else, so that no value leaves the database */
  readonly tables: Readonly<Record<string, string>>
  /** '/etc/nova/nova.conf' -> sha256 */
  readonly files: Readonly<Record<string, string>>
}

/** Asks MariaDB for CHECKSUM TABLE (same server before and after, so the same algorithm) and sha256sum for the files. */
export const askFingerprint = async (context: Context): Promise<Fingerprint> => {
  const source = context.hosts('source')
  const names = context.survey.services.flatMap((service) => service.databases.map((database) => database.name))
  const [tables, files] = await Promise.all([
    askTables(source, names),
    askFiles(
      source,
      context.recipes.flatMap((recipe) => recipe.etc),
    ),
  ])
  return { at: new Date().toISOString(), tables, files }
}

const askTables = async (source: Host, databases: readonly string[]): Promise<Record<string, string>> => {
  const db = await openDatabase(source, { readOnly: true })
  const found: Record<string, string> = {}
  try {
    for (const database of databases) {
      const tables = await db.rows<{ name: string }>(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'",
        [database],
      )
      if (tables.length === 0) continue
      const list = tables.map((table) => `${identifier(database)}.${identifier(table.name)}`).join(', ')
      for (const row of await db.rows<{ Table: string; Checksum: string | number | null }>(`CHECKSUM TABLE ${list}`))
        found[row.Table] = String(row.Checksum)
    }
  } finally {
    await db.close()
  }
  return found
}

const identifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const askFiles = async (source: Host, trees: readonly string[]): Promise<Record<string, string>> => {
  const { stdout } = await source.run({
    argv: ['find', ...trees, '-type', 'f', '-exec', 'sha256sum', '--zero', '{}', '+'],
    limit: 120,
  })
  return parseDigests(stdout)
}

/** `sha256sum --zero`: '<hash>  <path>\0' each, so that no file name can pretend to be another line. Pure. */
export const parseDigests = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  )

/** Every table and file that is not what it was, by name. Pure. */
export const compareFingerprints = (before: Fingerprint, after: Fingerprint): readonly string[] => [
  ...differences('table', before.tables, after.tables),
  ...differences('file', before.files, after.files),
]

const differences = (
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map(
      (name) =>
        `${what} ${name} ${after[name] === undefined ? 'is gone' : before[name] === undefined ? 'is new' : 'changed'}`,
    )

const pathOf = (context: Context): string => join(context.config.state, 'fingerprint.json')

/** The fingerprint saved at the freeze; undefined when the cloud is not frozen. */
export const savedFingerprint = async (context: Context): Promise<Fingerprint | undefined> => {
  try {
    return JSON.parse(await readFile(pathOf(context), 'utf8')) as Fingerprint
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export const fingerprintStep = (context: Context): Step => ({
  id: 'freeze/fingerprint',
  phase: 'migrate',
  title: 'Take the fingerprint of the frozen source: every table, every config file',
  after: ['freeze/quiet'],
  run: async () => [
    {
      kind: 'write',
      on: 'local',
      path: pathOf(context),
      mode: '0600',
      content: `${JSON.stringify(await askFingerprint(context), null, 1)}\n`,
    },
  ],
  undo: nothing,
  proof: async () => {
    const taken = await savedFingerprint(context)
    if (taken === undefined)
      throw new SwapError('local', `${pathOf(context)} is not there`, 'See whether the disk is full')
    const digest = createHash('sha256')
      .update(JSON.stringify([taken.tables, taken.files]))
      .digest('hex')
      .slice(0, 12)
    return `${Object.keys(taken.tables).length} tables, ${Object.keys(taken.files).length} files: ${digest}`
  },
})

/** Compares the source with its fingerprint of the freeze. Throws SwapError that names every difference. */
export const proveUntouched = async (context: Context): Promise<string> => {
  const before = await savedFingerprint(context)
  if (before === undefined) throw new SwapError('local', 'no fingerprint was taken', 'Run swapctl migrate')
  const found = compareFingerprints(before, await askFingerprint(context))
  if (found.length > 0)
    throw new SwapError(
      'source',
      `not what it was at the freeze (${before.at}):\n  ${found.join('\n  ')}`,
      'Find out who changed it before going on; the backup taken by prepare holds the state before the swap',
    )
  return `${Object.keys(before.tables).length} tables and ${Object.keys(before.files).length} files as they were at the freeze`
}

/** The last look of `migrate`: nothing that ran on the target has reached back. */
export const untouchedStep = (context: Context, after: readonly string[]): Step => ({
  id: 'migrate/untouched',
  phase: 'migrate',
  title: 'Compare the source with its fingerprint of the freeze',
  after,
  run: nothing,
  undo: nothing,
  proof: () => proveUntouched(context),
})
