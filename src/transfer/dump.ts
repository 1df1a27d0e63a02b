import type { Argv } from '../hosts/host.ts'
import { name } from '../releases/sql.ts'
import { modern } from '../source/facts-mariadb.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { pack, unpack } from './packing.ts'

/**
 * Programs have two names since MariaDB 11: the one that is there is taken. MySQL's own mysqldump writes GTIDs and asks
 * for statistics, which MariaDB does not know.
 */
const dumpScript = `set -o pipefail
d=$(command -v mariadb-dump || command -v mysqldump) || exit 127
case $("$d" --version) in *MariaDB*) o= ;; *) o='--loose-set-gtid-purged=OFF --loose-column-statistics=0' ;; esac
"$d" $o --single-transaction --quick --skip-lock-tables --routines --triggers --events --hex-blob --comments \\
  --max-allowed-packet=1G --default-character-set="$2" -- "$1" | ${pack}`

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
 * What the session is told before the dump's own statements. character_set_collations: a dump of an older server names
 * no collation where it is the charset's default, and from MariaDB 11.5 on that default is another one (P01, P02).
 * old_mode: from 10.6 on it decides whether `utf8` means utf8mb3, which every such dump means.
 */
const session = [
  "SET SESSION time_zone = '+00:00'",
  "/*M!100601 , old_mode = CONCAT_WS(',', NULLIF(@@old_mode, ''), 'UTF8_IS_UTF8MB3') */",
  "/*M!110200 , character_set_collations = '' */",
].join(' ')

/**
 * Reads what dumpScript wrote; strips the sandbox line alone (P08: clients before 2024 choke on it; --binary-mode keeps a
 * dump from running commands as well); leaves no database behind when the trailer is missing.
 */
const importScript = `set -o pipefail; export LC_ALL=C
m=$(command -v mariadb || command -v mysql) || exit 127
${unpack}
strip() { IFS= read -r first; case $first in '/*'*'999999\\- enable the sandbox mode */'*) ;; *) printf '%s\\n' "$first" ;; esac; cat; }
last=$({ unpack | strip | tee /dev/fd/3 |
  "$m" --binary-mode --default-character-set="$2" --max-allowed-packet=1G --init-command="$3" -- "$1" >&2; } 3>&1 | tail -c 200)
code=$?
case $(printf %s "$last" | tail -n 1) in '-- Dump completed'*) ;; *) [ $code != 0 ] || echo "the dump broke off" >&2; code=1 ;; esac
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
