import type { Argv } from '../hosts/host.ts'
import { name } from '../releases/sql.ts'
import { modern } from '../source/facts-mariadb.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { pack, unpack } from './packing.ts'

/**
 * Programs have two names since MariaDB 11: the one that is there is taken. MySQL's own mysqldump writes GTIDs and asks
 * for statistics, which MariaDB does not know.
 */
const findDump = `set -o pipefail
d=$(command -v mariadb-dump || command -v mysqldump) || exit 127
case $("$d" --version) in *MariaDB*) o= ;; *) o='--loose-set-gtid-purged=OFF --loose-column-statistics=0' ;; esac
dump() { "$d" $o --single-transaction --quick --skip-lock-tables --hex-blob --comments --max-allowed-packet=1G "$@"; }`

const dumpScript = `${findDump}
dump --routines --triggers --events --default-character-set="$2" -- "$1" | ${pack}`

/** Lines by which a dump in parts is read; no row of data begins a line like these. */
const marks = { data: '-- swapctl: data', rest: '-- swapctl: rest' } as const

const partsScript = `${findDump}
set -- "$2" -- "$1"
{ dump --no-data --skip-triggers --routines --default-character-set="$@" && echo '${marks.data}' &&
  dump --no-create-info --skip-triggers --skip-add-locks --skip-disable-keys --default-character-set="$@" && echo '${marks.rest}' &&
  dump --no-data --no-create-info --triggers --events --default-character-set="$@"; } | ${pack}`

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
 * What the session is told before the dump's own statements. character_set_collations: a dump of an older server names
 * no collation where it is the charset's default, and from MariaDB 11.5 on that default is another one (P01, P02).
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
 * line ends in values are escaped. The sandbox line alone is left out (P08: clients before 2024 choke on it).
 */
const deal = String.raw`function done(client) { if (close(client) != 0) failed = 1 }
BEGIN { load = ENVIRON["load"]; client = load; first = 1 }
first { first = 0; if (/^\/\*.*999999\\- enable the sandbox mode \*\//) next }
part == 0 && $0 == "${marks.data}" { done(client); if (failed) exit; part = 1; first = 1; next }
part == 1 && $0 == "${marks.rest}" {
  for (lane in used) done(used[lane])
  if (failed) exit
  part = 2; first = 1; client = load " #rest"; next
}
part == 1 {
  if (substr($0, 1, 12) == "INSERT INTO ") { lane = (lane + 1) % lanes; used[lane] = load " #" lane; inside = 1 }
  if (inside) { print | used[lane]; if (substr($0, length($0) - 1) == ");") inside = 0 }
  next
}
{ last = $0; print | client }
END {
  if (part == 1) for (lane in used) done(used[lane]); else done(client)
  if (!failed && (part == 1 || last !~ /^-- Dump completed/)) { print "the dump broke off" > "/dev/stderr"; failed = 1 }
  exit failed
}`

/** How many connections take in the rows of one database. More than there are processors only wait for each other. */
const mostLanes = 4

/**
 * Reads what the dump scripts wrote; leaves no database behind when its last line is missing. --binary-mode keeps a dump
 * from running commands.
 */
const importScript = `set -o pipefail; export LC_ALL=C
m=$(command -v mariadb || command -v mysql) || exit 127
${unpack}
export m database="$1" charset="$2" session="$3"
export load='exec "$m" --binary-mode --default-character-set="$charset" --max-allowed-packet=1G --init-command="$session" --loose-skip-print-query-on-error -- "$database" >&2'
lanes=$(nproc || echo 1)
unpack | awk -v lanes=$((lanes < ${mostLanes} ? lanes : ${mostLanes})) '${deal.replaceAll("'", `'\\''`)}'
code=$?
[ $code = 0 ] || printf 'DROP DATABASE IF EXISTS \`%s\`;' "\${1//\\\`/\\\`\\\`}" | "$m"
exit $code`

/** Fills the database, which must be there and empty, from stdin. Exits non-zero and drops it unless a whole dump went in. */
export const importArgv = (database: string, charset: 'utf8mb4' | 'utf8' = 'utf8mb4'): Argv => [
  'bash',
  '-c',
  importScript,
  'import',
  database,
  charset,
  session,
]

const arrivedScript = `m=$(command -v mariadb || command -v mysql) || exit 127
"$m" -NBe 'SELECT COALESCE(SUM(data_length + index_length), 0), COALESCE(SUM(table_rows), 0)
  FROM information_schema.tables WHERE table_schema = CONVERT(0x'"$1"' USING utf8mb4)'`

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
