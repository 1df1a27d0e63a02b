import { name } from '../text/sql.ts'
import type { Finding } from './schema-findings.ts'
import type { ColumnPicture, ForeignKeyPicture, IndexPicture, Picture, TablePicture } from './schema-picture.ts'

/** Session settings: a value that does not fit fails the statement instead of being truncated. */
export const cureSession: readonly string[] = [
  "SET SESSION sql_mode = 'TRADITIONAL', foreign_key_checks = 0, unique_checks = 1, check_constraint_checks = 1",
]

/**
 * SQL that removes differences from `have`, a copy in the database `have.database`: extra objects are dropped, others
 * are changed to be as in `should`. One ALTER for all columns of a table, each with its whole definition, because
 * CONVERT TO would widen TEXT to MEDIUMTEXT. Idempotent.
 */
export const curesOf = (findings: readonly Finding[], have: Picture, should: Picture): readonly string[] =>
  [...new Set(findings.map(({ table }) => table))].flatMap((table) => {
    const own = findings.filter((finding) => finding.table === table)
    return tableCures(own, name(have.database, table), have, should)
  })

const tableCures = (
  findings: readonly Finding[],
  table: string,
  { database, tables: has }: Picture,
  { tables: wants }: Picture,
): readonly string[] => {
  const [one, other] = [has[findings[0]?.table ?? ''], wants[findings[0]?.table ?? '']]
  if (findings.some(({ kind }) => kind === 'table')) return wholeTable(table, one, other)
  const triggers = findings.flatMap((finding) =>
    finding.kind === 'trigger' ? [`DROP TRIGGER IF EXISTS ${name(database, finding.name)}`] : [],
  )
  const keys = findings.flatMap((finding) => keyClauses(finding, one, other))
  const parts = [
    ...keys.filter((clause) => clause.startsWith('DROP FOREIGN KEY')),
    ...tableClauses(findings, other),
    ...columnClauses(findings, other),
    ...findings.flatMap((finding) => indexClauses(finding, one, other)),
  ]
  const added = keys.filter((clause) => !clause.startsWith('DROP FOREIGN KEY'))
  const alter = (clauses: readonly string[]): readonly string[] =>
    clauses.length === 0 ? [] : [`ALTER TABLE ${table} ${clauses.join(', ')}`]
  return [...triggers, ...alter(parts), ...alter(added)]
}

const wholeTable = (table: string, one?: TablePicture, other?: TablePicture): readonly string[] => {
  if (other !== undefined)
    return one?.kind === 'SYSTEM VERSIONED' ? [`ALTER TABLE ${table} DROP SYSTEM VERSIONING`] : []
  const kind = one?.kind === 'VIEW' || one?.kind === 'SEQUENCE' ? one.kind : 'TABLE'
  return [`DROP ${kind} IF EXISTS ${table}`]
}

const tableClauses = (findings: readonly Finding[], should?: TablePicture): readonly string[] =>
  should === undefined
    ? []
    : [
        ...(findings.some(({ kind }) => kind === 'engine') ? [`ENGINE = ${should.engine}`] : []),
        ...(findings.some(({ kind }) => kind === 'table collation')
          ? [`DEFAULT CHARACTER SET ${charsetOf(should.collation)} COLLATE ${should.collation}`]
          : []),
      ]

/** A collation's name begins with its charset's. */
const charsetOf = (collation: string): string => collation.split('_')[0] as string

const aspects: ReadonlySet<Finding['kind']> = new Set([
  'type',
  'nullability',
  'default',
  'extra',
  'charset',
  'collation',
])

const columnClauses = (findings: readonly Finding[], should?: TablePicture): readonly string[] => {
  const dropped = findings.filter(({ kind, should: wanted }) => kind === 'column' && wanted === '')
  const changed = new Set(findings.filter(({ kind }) => aspects.has(kind)).map((finding) => finding.name))
  return [
    ...dropped.map((finding) => `DROP COLUMN IF EXISTS ${name(finding.name)}`),
    ...[...changed].flatMap((column) => {
      const definition = should?.columns[column]
      return definition === undefined ? [] : [`MODIFY ${name(column)} ${columnDefinition(column, definition, should)}`]
    }),
  ]
}

/** A JSON column is text with a CHECK, which MODIFY would remove. */
const columnDefinition = (column: string, picture: ColumnPicture, table?: TablePicture): string => {
  const [, kind, expression] = /^(VIRTUAL|STORED) GENERATED (.*)$/s.exec(picture.extra) ?? []
  const json = table?.checks.find((clause) => clause === `json_valid(${name(column)})`)
  const words = [
    picture.type,
    picture.charset === undefined ? '' : `CHARACTER SET ${picture.charset} COLLATE ${picture.collation}`,
    ...(expression === undefined
      ? [
          picture.nullable ? 'NULL' : 'NOT NULL',
          picture.default === undefined ? '' : `DEFAULT ${picture.default}`,
          picture.extra,
        ]
      : [`AS (${expression}) ${kind}`]),
    json === undefined ? '' : `CHECK (${json})`,
  ]
  return words.filter(Boolean).join(' ')
}

const indexClauses = (finding: Finding, one?: TablePicture, other?: TablePicture): readonly string[] => {
  if (finding.kind === 'index name') return [`RENAME INDEX ${name(finding.have)} TO ${name(finding.should)}`]
  if (finding.kind !== 'index') return []
  const wanted = other?.indexes[finding.name]
  const primary = finding.name === 'PRIMARY'
  const drop = primary ? 'DROP PRIMARY KEY' : `DROP INDEX IF EXISTS ${name(finding.name)}`
  return [
    ...(one?.indexes[finding.name] === undefined ? [] : [drop]),
    ...(wanted === undefined ? [] : [`ADD ${indexDefinition(finding.name, wanted)}`]),
  ]
}

const indexDefinition = (index: string, { unique, kind, columns }: IndexPicture): string => {
  const parts = columns.map((column) => {
    const [, own = column, length] = /^(.*)\((\d+)\)$/s.exec(column) ?? []
    return length === undefined ? name(column) : `${name(own)}(${length})`
  })
  if (index === 'PRIMARY') return `PRIMARY KEY (${parts.join(', ')})`
  const word = unique ? 'UNIQUE INDEX' : kind === 'BTREE' ? 'INDEX' : `${kind} INDEX`
  return `${word} ${name(index)} (${parts.join(', ')})`
}

const keyClauses = (finding: Finding, one?: TablePicture, other?: TablePicture): readonly string[] => {
  if (finding.kind !== 'foreign key' && finding.kind !== 'foreign key name') return []
  const renamed = finding.kind === 'foreign key name'
  const old = keyNamed(one, renamed ? finding.have : finding.name)
  const wanted = keyNamed(other, renamed ? finding.should : finding.name)
  return [
    ...(old === undefined ? [] : [`DROP FOREIGN KEY IF EXISTS ${name(old[0])}`]),
    ...(wanted === undefined ? [] : [`ADD ${keyDefinition(...wanted)}`]),
  ]
}

/** A key whose name the server generated is called 'unnamed (a) to t (b)' in findings. */
const keyNamed = (table: TablePicture | undefined, called: string): readonly [string, ForeignKeyPicture] | undefined =>
  Object.entries(table?.foreignKeys ?? {}).find(
    ([key, { columns, table: to, references }]) =>
      key === called || `unnamed (${columns.join(', ')}) to ${to} (${references.join(', ')})` === called,
  )

const list = (names: readonly string[]): string => names.map((one) => name(one)).join(', ')

const keyDefinition = (called: string, key: ForeignKeyPicture): string => {
  const own = /(_ibfk_|^)\d+$/.test(called) ? '' : `CONSTRAINT ${name(called)} `
  const to = `FOREIGN KEY (${list(key.columns)}) REFERENCES ${name(key.table)} (${list(key.references)})`
  // RESTRICT is the default; written explicitly it is stored as NO ACTION (seen on 10.11).
  const on = (event: string, does: string): string => (does === 'RESTRICT' ? '' : ` ON ${event} ${does}`)
  return `${own}${to}${on('DELETE', key.onDelete)}${on('UPDATE', key.onUpdate)}`
}

/** One statement per line, for a client that continues after a failed one. */
export const script = (statements: readonly string[]): string =>
  [...cureSession, ...statements].map((sql) => `${sql};\n`).join('')
