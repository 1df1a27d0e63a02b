import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { type Server, startMariadb } from '../test/live/mariadb.ts'
import { fillStatements, sizes } from './generate.ts'

/** Like a small controller; the same for every tool. No flush per commit, because that would measure the disk. */
const options = [
  '--innodb-buffer-pool-size=1G',
  '--innodb-log-file-size=512M',
  '--max-allowed-packet=1G',
  '--innodb-io-capacity=20000',
  '--innodb-io-capacity-max=40000',
]

export const startServer = (): Promise<Server> => startMariadb(...options)

export const database = 'nova'

const schema = join(import.meta.dirname, '../../test/fixtures/historic-schemas/victoria/nova.sql.gz')

/** Creates Victoria's nova database with this many rows. */
export const fill = async (server: Server, rows: number): Promise<void> => {
  await empty(server)
  await server.load(database, gunzipSync(await readFile(schema)))
  const db = await server.db(database)
  for (const statement of fillStatements(rows)) await db.run(statement)
  await quiet(server)
}

const blockDevices = 'block_device_mapping'

/** Creates this many block devices of Victoria's nova database, and the table that identifies it as nova's. */
export const fillBlockDevices = async (server: Server, rows: number): Promise<void> => {
  await empty(server)
  const wanted = ['instances', blockDevices].map((table) => `CREATE TABLE \`${table}\` `)
  const all = gunzipSync(await readFile(schema))
    .toString()
    .split(/;\n/)
  const made = all.filter((statement) => wanted.some((start) => statement.startsWith(start)))
  await server.load(database, `SET foreign_key_checks = 0;\n${made.join(';\n')};`)
  const db = await server.db(database)
  const whole = Math.round((rows * 1000) / (sizes(1000)[blockDevices] ?? 1))
  for (const statement of fillStatements(whole, [blockDevices])) await db.run(statement)
  await quiet(server)
}

export const empty = async (server: Server): Promise<void> => {
  const db = await server.db()
  await db.run(`DROP DATABASE IF EXISTS ${database}`)
  await db.run(`CREATE DATABASE ${database} CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci`)
}

/** Waits until the server has written its pages, so that work left by one run does not slow the next. */
export const quiet = async (server: Server): Promise<void> => {
  const db = await server.db()
  await db.run('SET GLOBAL innodb_max_dirty_pages_pct_lwm = 0.001, innodb_max_dirty_pages_pct = 0')
  for (let tries = 0; tries < 600; tries += 1) {
    const [row] = await db.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")
    if (Number(row?.Value ?? 0) < 100) break
    await sleep(500)
  }
  await db.run('SET GLOBAL innodb_max_dirty_pages_pct = 90, innodb_max_dirty_pages_pct_lwm = 0')
}

/** Bytes of data and indexes. */
export const size = async (server: Server): Promise<number> => {
  const db = await server.db()
  const [row] = await db.rows<{ bytes: string }>(
    'SELECT SUM(data_length + index_length) AS bytes FROM information_schema.tables WHERE table_schema = ?',
    [database],
  )
  return Number(row?.bytes ?? 0)
}
