import { modern } from '../ask/facts-mariadb.ts'
import type { Argv } from '../hosts/host.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { programText } from '../text/program.ts'
import { name } from '../text/sql.ts'

const dumpScript = programText('dump.sh', import.meta.url)

const structureScript = programText('dump-structure.sh', import.meta.url)

const partsScript = programText('dump-parts.sh', import.meta.url)

/**
 * Writes a database to stdout, compressed, as one consistent snapshot. No lock on the source, and nothing is written
 * there. `charset` must hold every character of the database; servers older than MySQL 5.5.3 know no utf8mb4.
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
 * The same of a database that nothing writes to, in three parts: what the tables are, their rows, what would act on the rows
 * while they arrive. So the rows can be taken in by several connections. Three snapshots: they are the same only of a
 * source that stands still.
 */
export const frozenDumpArgv = (database: string, charset: 'utf8mb4' | 'utf8' = 'utf8mb4'): Argv => [
  'bash',
  '-c',
  partsScript,
  'dump',
  database,
  charset,
]

/**
 * Writes what the tables of a database are, with their triggers, and no row. `without`: views and what else is not wanted; a view
 * may read from a database that is not there. Locks nothing, writes nothing.
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
 * What the session is told before the dump's own statements. character_set_collations: a dump of an older server names
 * no collation where it is the charset's default, and from MariaDB 11.5 on that default is another one.
 * old_mode: from 10.6 on it decides whether `utf8` means utf8mb3, which every such dump means. unique_checks stays on: without
 * it (and without foreign keys) InnoDB locks an empty table for the first who writes to it, from 10.6 on (MDEV-515), and two
 * connections that begin at the same time end in a deadlock (error 1213, seen on 10.11).
 */
const session = [
  "SET SESSION time_zone = '+00:00', foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO', sql_notes = 0",
  "/*M!100601 , old_mode = CONCAT_WS(',', NULLIF(@@old_mode, ''), 'UTF8_IS_UTF8MB3') */",
  "/*M!110200 , character_set_collations = '' */",
].join(' ')

/**
 * Deals a dump out to clients, each of which is `load` run by sh: all of an ordinary one to a single client; of one in parts the
 * rows, statement by statement in turn, to several, with none of them running before the tables are there nor after
 * the last part has begun. A statement begins with INSERT INTO at the start of a line and ends with ); at the end of one:
 * line ends in values are escaped. The sandbox line alone is left out (clients before 2024 choke on it).
 */
const deal = programText('deal.awk', import.meta.url)

/**
 * Reads what the dump scripts wrote; leaves no database behind when its last line is missing. --binary-mode keeps a dump
 * from running commands.
 */
const importScript = programText('import.sh', import.meta.url)

/** Fills the database, which must be there and empty, from stdin. Exits non-zero and drops it unless a whole dump went in. */
export const importArgv = (database: string, charset: 'utf8mb4' | 'utf8' = 'utf8mb4'): Argv => [
  'bash',
  '-c',
  importScript,
  'import',
  database,
  charset,
  session,
  deal,
]

const arrivedScript = programText('arrived.sh', import.meta.url)

/** Prints how many bytes and rows of the database have arrived, as the server estimates them: for the progress line only. */
export const arrivedArgv = (database: string): Argv => [
  'bash',
  '-c',
  arrivedScript,
  'arrived',
  Buffer.from(database).toString('hex'),
]

/** An empty database as the source's is, whatever was there before: its charset and collation are what new tables get. */
export const recreateStatements = (
  database: Pick<DatabaseSurvey, 'name' | 'charset' | 'collation'>,
): readonly string[] => [
  `DROP DATABASE IF EXISTS ${name(database.name)}`,
  `CREATE DATABASE ${name(database.name)} CHARACTER SET ${modern(database.charset)} COLLATE ${modern(database.collation)}`,
]
