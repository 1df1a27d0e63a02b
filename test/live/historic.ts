import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Db } from '../../src/hosts/db.ts'
import type { RepoName } from '../../src/releases/repo.ts'
import { type Server, startMariadb } from './mariadb.ts'

const folder = new URL('../fixtures/historic-schemas/', import.meta.url)

/** A server that never waits for the disk (these tests create some ten thousand tables), with oslo.db's sql_mode. */
export const startFast = (): Promise<Server> =>
  startMariadb(
    '--innodb-file-per-table=0',
    '--sql-mode=TRADITIONAL',
    '--loose-debug-no-sync',
    '--loose-innodb-flush-method=nosync',
  )

/** A file of test/fixtures/historic-schemas ('kilo/nova') as SQL. */
export const historicText = (file: string): Buffer => gunzipSync(readFileSync(new URL(`${file}.sql.gz`, folder)))

let made = 0

/** Loads a file of test/fixtures/historic-schemas ('kilo/nova') into a new database and gives its name. */
export const load = async (server: Server, db: Db, file: string, charset = 'utf8'): Promise<string> => {
  made += 1
  const database = `d${made}_${file.replaceAll(/\W/g, '_')}`.slice(0, 64)
  await db.run(`CREATE DATABASE ${database} CHARACTER SET ${charset}`)
  await server.load(database, historicText(file))
  return database
}

/** 'kilo/nova_api' -> nova_api, 'havana/neutron-ovs' -> neutron, '.../nova_api_cell0' -> nova */
export const repoOf = (file: string): RepoName => {
  const base = file.slice(file.lastIndexOf('/') + 1).replace(/-.*/, '')
  return (base === 'nova_api_cell0' ? 'nova' : base) as RepoName
}

/** The databases of a cloud, under their own names. */
const databases = ['keystone', 'glance', 'cinder', 'neutron', 'nova_api', 'nova', 'heat', 'barbican'] as const

/** Creates them empty, from a release's own migrations. */
export const fill = async (server: Server, release: 'victoria' | 'epoxy'): Promise<void> => {
  const db = await server.db()
  for (const name of databases) {
    await db.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb3`)
    await server.load(name, historicText(`${release}/${name}`))
  }
}

/** As in a survey. */
export const surveyedDatabases = databases.map((name) => ({
  name,
  repo: name,
  charset: '',
  collation: '',
  bytes: 0,
  tables: 0,
  revision: [],
  releases: [],
  hops: [],
}))

/** Inserts a row; columns not given get the server's defaults. */
export const insert = async (
  server: Server,
  table: string,
  row: Readonly<Record<string, string | number>>,
): Promise<void> => {
  const db = await server.db()
  await db.run('SET foreign_key_checks = 0')
  const columns = Object.keys(row).map((name) => `\`${name}\``)
  await db.run(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    Object.values(row),
  )
}
