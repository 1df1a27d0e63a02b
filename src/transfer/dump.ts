import { modern } from '../ask/facts-mariadb.ts'
import type { Argv } from '../hosts/host.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { programText } from '../text/program.ts'
import { name } from '../text/sql.ts'

const dumpScript = programText('dump.sh', import.meta.url)

const structureScript = programText('dump-structure.sh', import.meta.url)

const partsScript = programText('dump-parts.sh', import.meta.url)

/**
 * Writes a database to stdout, compressed, as one consistent snapshot. Takes no lock and writes nothing on the source.
 * `charset` must cover every character of the database; servers before MySQL 5.5.3 do not know utf8mb4.
 */
export const dumpArgv = (database: string, charset: 'utf8mb4' | 'utf8' = 'utf8mb4'): Argv => [
  'bash',
  '-c',
  dumpScript,
  'dump',
  database,
  charset,
]

/**
 * The same for a database that nothing writes to, in three parts: table definitions, rows, and what would act on rows
 * while they arrive. So several connections can import the rows. These are three snapshots, equal only on a frozen
 * source.
 */
export const frozenDumpArgv = (database: string, charset: 'utf8mb4' | 'utf8' = 'utf8mb4'): Argv => [
  'bash',
  '-c',
  partsScript,
  'dump',
  database,
  charset,
  'frozen',
]

/**
 * The same three parts of a database that serves, at the lowest priority: all rows are one snapshot. Not in it: the
 * objects `without`, routines and events. Takes no lock and writes nothing. A table that is altered meanwhile makes the
 * dump or its import fail.
 */
export const servingDumpArgv = (database: string, without: readonly string[]): Argv => [
  'bash',
  '-c',
  partsScript,
  'dump',
  database,
  'utf8mb4',
  'serving',
  ...without.map((table) => `--ignore-table=${database}.${table}`),
]

const tablesScript = programText('dump-tables.sh', import.meta.url)

const rowsScript = programText('dump-rows.sh', import.meta.url)

const restScript = programText('dump-rest.sh', import.meta.url)

/** Whether something writes to the source: then its queries go first. */
export type How = 'frozen' | 'serving'

/** Some tables of a database in the same three parts, without triggers. `create`: those of them to be created, too. */
export const tablesDumpArgv = (
  database: string,
  how: How,
  create: readonly string[],
  tables: readonly string[],
): Argv => ['bash', '-c', tablesScript, 'dump', database, 'utf8mb4', how, ...create, '--', ...tables]

/** Writes the rows that its standard input names: a table, a condition, and so on, each NUL-terminated. */
export const rowsDumpArgv = (database: string, how: How): Argv => [
  'bash',
  '-c',
  rowsScript,
  'dump',
  database,
  'utf8mb4',
  how,
]

/** Writes everything but tables and rows: routines, these views, triggers, events. */
export const restDumpArgv = (database: string, views: readonly string[]): Argv => [
  'bash',
  '-c',
  restScript,
  'dump',
  database,
  'utf8mb4',
  ...views,
]

/**
 * Writes the table definitions of a database, with triggers, without rows. `without`: views and other unwanted objects;
 * a view may read from a database that does not exist. Takes no lock and writes nothing.
 */
export const structureDumpArgv = (database: string, without: readonly string[]): Argv => [
  'bash',
  '-c',
  structureScript,
  'dump',
  database,
  ...without.map((table) => `--ignore-table=${database}.${table}`),
]

/**
 * Session settings that precede the dump's statements. character_set_collations: an older server's dump omits a
 * collation that is the charset's default, and MariaDB 11.5 changed that default. old_mode: since 10.6 it decides
 * whether `utf8` means utf8mb3, which such dumps mean. unique_checks stays on: without it (and without foreign keys)
 * InnoDB since 10.6 locks an empty table for its first writer (MDEV-515), and two connections that begin at the same
 * time deadlock (error 1213, seen on 10.11).
 */
const session = [
  "SET SESSION time_zone = '+00:00', foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO', sql_notes = 0",
  "/*M!100601 , old_mode = CONCAT_WS(',', NULLIF(@@old_mode, ''), 'UTF8_IS_UTF8MB3') */",
  "/*M!110200 , character_set_collations = '' */",
].join(' ')

/**
 * Distributes a dump to clients, each of which is `load` run by sh. An ordinary dump goes to one client. Of a dump in
 * parts, the row statements go to several clients in turn, which start only when the tables exist and have ended when
 * the last part begins. A statement begins with INSERT INTO at the start of a line and ends with ); at the end of one:
 * line ends in values are escaped. The sandbox line is left out, because clients before 2024 fail on it.
 */
const deal = programText('deal.awk', import.meta.url)

/**
 * Reads the output of the dump scripts; drops the database when the dump's last line is missing. --binary-mode keeps a
 * dump from running client commands.
 */
const importScript = programText('import.sh', import.meta.url)

/**
 * Fills the database, which must exist and be empty, from stdin. Unless a complete dump was imported, it exits non-zero
 * and drops the database, or with 'keep' leaves there what arrived.
 */
export const importArgv = (
  database: string,
  charset: 'utf8mb4' | 'utf8' = 'utf8mb4',
  broken: 'drop' | 'keep' = 'drop',
): Argv => ['bash', '-c', importScript, 'import', database, charset, session, deal, broken]

const loadScript = programText('load-rows.sh', import.meta.url)

/** Adds rows to existing tables, from stdin. What arrived stays when that breaks off. */
export const loadRowsArgv = (database: string): Argv => ['bash', '-c', loadScript, 'load', database, 'utf8mb4', session]

const arrivedScript = programText('arrived.sh', import.meta.url)

/** Prints the server's estimate of the bytes and rows that have arrived: for the progress line only. */
export const arrivedArgv = (database: string): Argv => [
  'bash',
  '-c',
  arrivedScript,
  'arrived',
  Buffer.from(database).toString('hex'),
]

/** Recreates the database empty, with the source's charset and collation, which new tables inherit. */
export const recreateStatements = (
  database: Pick<DatabaseSurvey, 'name' | 'charset' | 'collation'>,
): readonly string[] => [
  `DROP DATABASE IF EXISTS ${name(database.name)}`,
  `CREATE DATABASE ${name(database.name)} CHARACTER SET ${modern(database.charset)} COLLATE ${modern(database.collation)}`,
]
