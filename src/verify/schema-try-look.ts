import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { releasesOf } from '../hops/position.ts'
import { askRevision } from '../hops/revision.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { redact } from '../text/redact.ts'
import { curesOf, script } from './schema-cures.ts'
import { possible } from './schema-decisions.ts'
import { askPicture, type Picture } from './schema-picture.ts'
import { savedPicture } from './schema-state.ts'
import { databasesOf, harmful, savedTried, structureOf, type Tried, type TriedDatabase } from './schema-tried.ts'
import { files, tryName, viewsOf } from './schema-try-fill.ts'

/** The hops' result under the database's real name, plus the views, which were not copied. */
const askTried = async (
  db: Db,
  { name: database, repo }: DatabaseSurvey,
  views: readonly string[],
): Promise<Picture> => {
  const { tables } = await askPicture(db, repo, tryName(database))
  const view = {
    kind: 'VIEW',
    engine: '',
    collation: '',
    columns: {},
    indexes: {},
    foreignKeys: {},
    checks: [],
    triggers: {},
  }
  return { database, repo, tables: { ...tables, ...Object.fromEntries(views.map((one) => [one, view])) } }
}

/** The result; a failed tool is recorded as such, and a check reports it before the freeze. */
export const look = async (context: Context, recipe: Recipe): Promise<Tried> => {
  const failed = await failureOf(context, recipe)
  const databases: TriedDatabase[] = []
  for (const one of databasesOf(context, recipe)) {
    const views = await withDatabase(context.hosts('source'), { readOnly: true }, (db) => viewsOf(db, one.name))
    const have = await withDatabase(context.hosts('target'), { readOnly: true }, (db) => askTried(db, one, views))
    const findings = failed === undefined ? harmful(have, await savedPicture(context, one.repo)) : []
    databases.push({ name: one.name, repo: one.repo, source: await structureOf(context, one.name), have, findings })
  }
  return { ...(failed === undefined ? {} : { failed }), databases }
}

export const lookSays = async (context: Context, recipe: Recipe): Promise<string> => {
  const { failed, databases } = (await savedTried(context, recipe)) ?? { databases: [] }
  return failed === undefined
    ? databases.map((one) => `${one.name}: ${countOf(one.findings.length)}`).join('; ')
    : `a schema tool failed (details: swapctl check): ${failed}`
}

const countOf = (differences: number): string =>
  differences === 0
    ? 'no differences that the schema proof would refuse'
    : `${differences} differences that the schema proof would refuse; swapctl check lists them`

/** A tool's error output, or that the revision is not the release's although no tool failed. */
const failureOf = async (context: Context, recipe: Recipe): Promise<string | undefined> => {
  const target = context.hosts('target')
  const { failed } = files(context, recipe)
  const there = await target.run({ argv: ['sh', '-c', 'if [ -e "$1" ]; then cat -- "$1"; fi', 'look', failed] })
  if (there.code !== 0)
    throw new SwapError('target', `${failed} cannot be read: ${there.stderr}`, 'Run the same command again')
  if (there.stdout.trim() !== '') return redact(there.stdout.trim())
  const release = findRelease(context.config.release)
  return withDatabase(target, { readOnly: true }, async (db) => {
    for (const one of databasesOf(context, recipe)) {
      const revision = await askRevision(db, one.repo, tryName(one.name))
      if (!releasesOf(one.repo, revision).includes(release))
        return `${one.name} came to ${revision.join(' + ') || 'no revision'}, not at the revision of ${release.id}`
    }
    return undefined
  })
}

/** All possible remedies, with a client that continues after errors: what is left becomes visible. */
export const cures = async (context: Context, recipe: Recipe): Promise<readonly Action[]> => {
  const statements: string[] = []
  for (const { name: database, repo, have, findings } of (await savedTried(context, recipe))?.databases ?? []) {
    const curable = findings.filter((one) => possible(one).some((choice) => choice !== 'keep'))
    const scratch = { ...have, database: tryName(database) }
    if (curable.length > 0) statements.push(...curesOf(curable, scratch, await savedPicture(context, repo)))
  }
  if (statements.length === 0) return []
  const client = 'm=$(command -v mariadb || command -v mysql) || exit 127; "$m" --force --binary-mode || true'
  return [{ kind: 'exec', on: 'target', argv: ['sh', '-c', client], stdin: script(statements) }]
}

/** The same, with what is left after the remedies. */
export const lookCured = async (context: Context, recipe: Recipe): Promise<Tried> => {
  const tried = (await savedTried(context, recipe)) ?? { databases: [] }
  if (tried.failed !== undefined) return tried
  const databases: TriedDatabase[] = []
  for (const one of tried.databases) {
    const should = await savedPicture(context, one.repo)
    const now = await withDatabase(context.hosts('target'), { readOnly: true }, (db) =>
      askPicture(db, one.repo, tryName(one.name)),
    )
    databases.push({ ...one, left: harmful(now, should) })
  }
  return { ...tried, databases }
}

export const curedSays = async (context: Context, recipe: Recipe): Promise<string> => {
  const databases = (await savedTried(context, recipe))?.databases ?? []
  const [all, left] = [databases.flatMap((one) => one.findings), databases.flatMap((one) => one.left ?? [])]
  return all.length === 0 ? 'nothing to try' : `${left.length} of ${all.length} differences remain`
}
