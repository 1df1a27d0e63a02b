import type { Allowed, Kind } from '../services/allowed.ts'
import { quoted } from '../text/sql.ts'
import type { Difference } from './difference.ts'
import { type Finding, schemaFindings } from './schema-findings.ts'
import type { Picture } from './schema-picture.ts'

/**
 * Every difference between two schemas that is not allowed, by table. Column order does not count, because all of
 * OpenStack's SQL names its columns.
 */
export const compareSchemas = (have: Picture, shouldHave: Picture, allowed: readonly Allowed[]): Difference[] =>
  schemaFindings(have, shouldHave)
    .filter((finding) => !allowed.some((entry) => allows(entry, have.repo, finding)))
    .map((finding) => differenceOf(have, finding))

/** Whether an entry covers a finding. */
export const allows = (entry: Allowed, repo: Picture['repo'], finding: Finding): boolean =>
  (entry.repo === '*' || entry.repo === repo) &&
  entry.kind === finding.kind &&
  matches(entry.table, finding.table) &&
  matches(entry.name, finding.name) &&
  matches(entry.have, finding.have) &&
  matches(entry.should, finding.should)

const matches = (pattern: string, text: string): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^`]*')}$`, 's').test(text)
}

/** A finding as a difference for display. */
export const differenceOf = (have: Pick<Picture, 'database'>, finding: Finding): Difference => ({
  part: 'schema',
  where: `${have.database}.${finding.table}`,
  says: findingText(finding),
  look: `SHOW CREATE TABLE ${quoted(have.database)}.${quoted(finding.table)}; on the target`,
})

/** 'type of host: have varchar(64), should have varchar(255)'. */
const findingText = ({ kind, name, have, should }: Finding): string => {
  const what = name === '' || name.startsWith('unnamed ') ? kind : `${kind} ${aspects.has(kind) ? 'of ' : ''}${name}`
  return `${what}: have ${have || 'none'}, should have ${should || 'none'}`
}

/** Properties of a column, index or key, as opposed to its existence. */
const aspects: ReadonlySet<Kind> = new Set([
  'type',
  'nullability',
  'default',
  'extra',
  'charset',
  'collation',
  'index name',
  'foreign key name',
])
