import type { Difference } from './difference.ts'
import { type Finding, type Kind, schemaFindings } from './schema-findings.ts'
import type { Picture } from './schema-picture.ts'

/** A difference that is known and does no harm. Texts are whole values; '*' stands for any text without a backtick, '' for "there is none". */
export interface Allowed {
  readonly repo: Picture['repo'] | '*'
  readonly kind: Kind
  readonly table: string
  readonly name: string
  readonly have: string
  readonly should: string
  /** why it does no harm */
  readonly reason: string
  /** the upstream file, change or bug that it comes from */
  readonly source: string
}

/** Whatever of two schemas differs and is not allowed, table by table. The order of columns is no difference: all SQL of OpenStack names them. Pure. */
export const compareSchemas = (have: Picture, shouldHave: Picture, allowed: readonly Allowed[]): Difference[] =>
  schemaFindings(have, shouldHave)
    .filter((finding) => !allowed.some((entry) => allows(entry, have.repo, finding)))
    .map((finding) => differenceOf(have, finding))

/** Whether an entry speaks of a finding. Pure. */
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

const differenceOf = (have: Picture, finding: Finding): Difference => ({
  part: 'schema',
  where: `${have.database}.${finding.table}`,
  says: findingText(finding),
  look: `SHOW CREATE TABLE ${quoted(have.database)}.${quoted(finding.table)}; on the target`,
})

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** 'type of host: have varchar(64), should have varchar(255)'. Pure. */
const findingText = ({ kind, name, have, should }: Finding): string => {
  const what = name === '' || name.startsWith('unnamed ') ? kind : `${kind} ${aspects.has(kind) ? 'of ' : ''}${name}`
  return `${what}: have ${have || 'none'}, should have ${should || 'none'}`
}

/** What a column, index or key has, as against what there is or is not. */
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
