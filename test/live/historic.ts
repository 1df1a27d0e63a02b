import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Db } from '../../src/hosts/db.ts'
import type { RepoName } from '../../src/releases/repo.ts'
import { type Server, startMariadb } from './mariadb.ts'

const folder = new URL('../fixtures/historic-schemas/', import.meta.url)

/** A server that never waits for the disk (these tests make some ten thousand tables) and is as strict as oslo.db is. */
export const startFast = (): Promise<Server> =>
  startMariadb(
    '--innodb-file-per-table=0',
    '--sql-mode=TRADITIONAL',
    '--loose-debug-no-sync',
    '--loose-innodb-flush-method=nosync',
  )

let made = 0

/** Loads a file of test/fixtures/historic-schemas ('kilo/nova') into a new database and gives its name. */
export const load = async (server: Server, db: Db, file: string, charset = 'utf8'): Promise<string> => {
  made += 1
  const database = `d${made}_${file.replaceAll(/\W/g, '_')}`.slice(0, 64)
  await db.run(`CREATE DATABASE ${database} CHARACTER SET ${charset}`)
  await server.load(database, gunzipSync(readFileSync(new URL(`${file}.sql.gz`, folder))))
  return database
}

/** 'kilo/nova_api' -> nova_api, 'havana/neutron-ovs' -> neutron, '.../nova_api_cell0' -> nova */
export const repoOf = (file: string): RepoName => {
  const base = file.slice(file.lastIndexOf('/') + 1).replace(/-.*/, '')
  return (base === 'nova_api_cell0' ? 'nova' : base) as RepoName
}
