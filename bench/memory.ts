import type { Server } from '../test/live/mariadb.ts'
import type { Job } from './measure.ts'
import { type Bench, swapctl } from './open.ts'
import { transferTask } from './transfer.ts'

/** Transfers a database and compares its rows to measure memory; no other tool to compare with. */
const measured = async (bench: Bench, name: string, what: string): ReturnType<Job> => {
  const carried = await swapctl(bench, transferTask(name))
  const compared = await swapctl(bench, { verify: name, parallel: bench.options.threads })
  const dropped = async ({ db }: Server) => (await db()).run(`DROP DATABASE ${name}`)
  await Promise.all([dropped(bench.source), dropped(bench.target)])
  return [
    { job: `transfer of ${what}`, way: 'swapctl, through ssh', ...carried },
    { job: `verify of ${what}`, way: 'swapctl, through ssh', ...compared },
  ]
}

const created = async (bench: Bench, name: string) => {
  const db = await bench.source.db()
  await db.run(`DROP DATABASE IF EXISTS ${name}`)
  await db.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci`)
  return bench.source.db(name)
}

/**
 * Rows of 64 KiB and some of 4 MiB with incompressible texts and bytes; in total about 200 bytes per row of the option.
 */
export const wide: Job = async (bench) => {
  const megabytes = Math.max(8, Math.round((bench.options.rows * 200) / 1e6))
  const db = await created(bench, 'wide')
  await db.run('CREATE TABLE wide (id INT PRIMARY KEY, t LONGTEXT NOT NULL, b LONGBLOB NOT NULL)')
  // 32 KiB of digests per row, and 2 MiB in every 100th.
  const digits = (bytes: number) =>
    `REPEAT(CONCAT(SHA2(seq, 512), SHA2(seq + 0.5, 512)), IF(seq % 100 = 0, 64, 1) * ${bytes / 256})`
  for (let from = 1; from <= megabytes * 8; from += 100)
    await db.run(
      `INSERT INTO wide SELECT seq, ${digits(32_768)}, AES_ENCRYPT(${digits(32_768)}, 'key') FROM seq_${from}_to_${Math.min(megabytes * 8, from + 99)}`,
    )
  return measured(bench, 'wide', `wide rows`)
}

/** Many small tables: what is asked and kept per table must not add up. */
export const tables: Job = async (bench) => {
  const count = Math.max(10, Math.round(bench.options.rows / 500))
  const db = await created(bench, 'many')
  for (let n = 1; n <= count; n += 1) {
    await db.run(
      `CREATE TABLE t${n} (id INT PRIMARY KEY, name VARCHAR(255), at DATETIME, state VARCHAR(36) NOT NULL DEFAULT '', KEY (name), KEY (state))`,
    )
    await db.run(`INSERT INTO t${n} (id, name) VALUES (1, 'a'), (2, NULL)`)
  }
  return measured(bench, 'many', `${count} tables`)
}
