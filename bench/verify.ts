import { type Job, sh, timed } from './measure.ts'
import { type Bench, swapctl } from './open.ts'
import { database } from './servers.ts'
import { filledCopy } from './transfer.ts'

/** One checksum per table over every column of every row: what checksum tools ask a server, without their chunks. */
const queries = async ({ source }: Bench): Promise<string> => {
  const db = await source.db()
  const columns = await db.rows<{ t: string; c: string }>(
    `SELECT c.table_name AS t, c.column_name AS c FROM information_schema.columns c JOIN information_schema.tables t
     USING (table_schema, table_name) WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY t, ordinal_position`,
    [database],
  )
  return [...new Set(columns.map(({ t }) => t))]
    .map((table) => {
      const values = columns.filter(({ t }) => t === table).map(({ c }) => `\`${c}\``)
      const nulls = columns.filter(({ t }) => t === table).map(({ c }) => `ISNULL(\`${c}\`)`)
      return `SELECT COUNT(*), BIT_XOR(CAST(CRC32(CONCAT_WS('#', ${values.join(', ')}, CONCAT(${nulls.join(', ')}))) AS UNSIGNED)) FROM \`${table}\`;`
    })
    .join('\n')
}

/**
 * Compares every row of every table with the copy; measured against the checksum of every row as in pt-table-checksum,
 * asked of both servers in parallel too. So both ways read and digest each row on each side.
 */
export const verify: Job = async (bench) => {
  const { source, target, options } = bench
  const job = `verify of ${options.rows} rows`
  await bench.filled()
  await filledCopy(bench)
  const script = `sum() { mariadb --no-defaults -S "$1" "$2"; }
    sum "$1" "$3" <<< "$4" & sum "$2" "$3" <<< "$4"; wait $!`
  const words = [source.socket, target.socket, database, await queries(bench)]
  const ask = () => timed(() => sh(script, ...words))
  // Once unmeasured, so that both find the pages in memory.
  await ask()
  return [
    { job, way: 'swapctl, through ssh', ...(await swapctl(bench, { verify: database, parallel: options.threads })) },
    { job, way: 'SELECT BIT_XOR(CRC32()), both sides at once', ...(await ask()) },
  ]
}
