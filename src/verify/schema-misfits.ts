import { name } from '../text/sql.ts'
import type { Finding } from './schema-findings.ts'
import type { Picture, TablePicture } from './schema-picture.ts'

/** SQL that counts rows as `n`, and what such rows are. */
export interface Question {
  readonly sql: string
  readonly says: string
  /** the columns that must exist: 'instances.host' */
  readonly needs: readonly string[]
}

/** Counts rows that a remedy would not accept. Values too long for a column are checked elsewhere. */
export const misfitQuestions = (
  findings: readonly Finding[],
  database: string,
  should: Picture,
): readonly Question[] => [
  ...findings.flatMap((finding) => ofFinding(finding, database, should)),
  ...ofCollations(findings, database, should),
]

const ofFinding = (
  { kind, table, name: column, have, should: wanted }: Finding,
  database: string,
  should: Picture,
): readonly Question[] => {
  const [from, where, needs] = [name(database, table), `${database}.${table}.${column}`, [`${table}.${column}`]]
  if (kind === 'nullability' && wanted === 'NOT NULL')
    return [{ sql: `SELECT COUNT(*) AS n FROM ${from} WHERE ${name(column)} IS NULL`, says: `NULL in ${where}`, needs }]
  if (kind === 'charset' && lossy(have, wanted))
    return [{ sql: lossySql(from, name(column), wanted), says: `characters in ${where} that ${wanted} lacks`, needs }]
  if (kind === 'index' && wanted.startsWith('unique '))
    return duplicates(from, table, should.tables[table], column, `duplicates for ${where}`)
  return []
}

/** utf8mb3 covers every character of the older charsets. */
const lossy = (have: string, wanted: string): boolean =>
  have !== '' && wanted !== '' && wanted !== 'utf8mb4' && (have === 'utf8mb4' || wanted !== 'utf8mb3')

/** A character missing in the charset becomes a question mark, so that the text does not survive a round trip. */
const lossySql = (from: string, column: string, charset: string): string =>
  `SELECT COUNT(*) AS n FROM ${from}
   WHERE BINARY CONVERT(${column} USING utf8mb4) <> BINARY CONVERT(CONVERT(${column} USING ${charset}) USING utf8mb4)`

const duplicates = (
  from: string,
  table: string,
  should: TablePicture | undefined,
  index: string,
  says: string,
): readonly Question[] => {
  const columns = should?.indexes[index]?.columns
  if (columns === undefined || columns.some((column) => /\(\d+\)$/.test(column))) return []
  const collated = columns.map((column) => collatedAs(column, should))
  const some = columns.map((column) => `${name(column)} IS NOT NULL`).join(' AND ')
  const sql = `SELECT COUNT(*) AS n FROM (SELECT 1 FROM ${from} WHERE ${some} GROUP BY ${collated.join(', ')} HAVING COUNT(*) > 1) AS d`
  return [{ sql, says, needs: columns.map((column) => `${table}.${column}`) }]
}

/** A server before 10.6 names the collations of utf8mb3 with utf8; a newer one knows both names. */
const collatedAs = (column: string, should: TablePicture | undefined): string => {
  const { charset, collation = '' } = should?.columns[column] ?? {}
  if (charset === undefined) return name(column)
  const old = (word: string): string => word.replace(/^utf8mb3/, 'utf8')
  return `CONVERT(${name(column)} USING ${old(charset)}) COLLATE ${old(collation)}`
}

/** Unique indexes over columns whose collation changes: two values may be equal under the new one. */
const ofCollations = (findings: readonly Finding[], database: string, should: Picture): readonly Question[] =>
  Object.entries(should.tables).flatMap(([table, picture]) => {
    const changed = new Set(
      findings.filter((one) => one.table === table && one.kind === 'collation').map((one) => one.name),
    )
    return Object.entries(picture.indexes)
      .filter(([, { unique, columns }]) => unique && columns.some((column) => changed.has(column)))
      .flatMap(([index]) => {
        const says = `values in ${database}.${table} that are equal for ${index} by its collation`
        return duplicates(name(database, table), table, picture, index, says)
      })
  })
