import { readFileSync, statfsSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Db } from '../../src/db.ts'
import type { RepoName } from '../../src/releases/repo.ts'
import { type Server, startMariadb } from './mariadb.ts'

const memory = '/dev/shm'
const folder = new URL('../fixtures/historic-schemas/', import.meta.url)

/** Creating some five thousand tables waits for the disk unless there is none: the server keeps its data in memory where that has room. */
const inMemory = (): boolean => {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize > 2e9
  } catch {
    return false
  }
}

export const startFast = (): Promise<Server> => {
  if (inMemory()) process.env['TMPDIR'] = memory
  return startMariadb('--innodb-file-per-table=0', '--sql-mode=TRADITIONAL')
}

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
