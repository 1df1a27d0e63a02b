import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { compareSides } from '../../src/cutover/created.ts'
import { kept } from '../../src/cutover/created-tables.ts'
import { askEndpoints } from '../../src/cutover/endpoints.ts'
import { reportStep } from '../../src/cutover/reports.ts'
import { type Server, startMariadb } from './mariadb.ts'

/** Schemas that Victoria's and Epoxy's own migrations have made. */
const databases = ['keystone', 'glance', 'cinder', 'neutron', 'nova_api', 'nova', 'heat'] as const
const fixtures = join(import.meta.dirname, '../fixtures/historic-schemas')

let source: Server
let target: Server
let context: Context

const fill = async (server: Server, release: string): Promise<void> => {
  const db = await server.db()
  for (const name of databases) {
    await db.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb3`)
    await server.load(name, gunzipSync(await readFile(join(fixtures, release, `${name}.sql.gz`))))
  }
}

beforeAll(async () => {
  // Both on the same server version: only what the schemas say is looked at here.
  ;[source, target] = await Promise.all([startMariadb('--sql-mode='), startMariadb('--sql-mode=')])
  await Promise.all([fill(source, 'victoria'), fill(target, 'epoxy')])
  const database = (name: string) => ({
    name,
    repo: name,
    charset: '',
    collation: '',
    bytes: 0,
    tables: 0,
    revision: [],
    releases: [],
    hops: [],
  })
  context = {
    hosts: (name: string) => (name === 'source' ? source.host : target.host),
    recipes: [],
    survey: {
      source: { hostname: 'src', addresses: [] },
      target: { hostname: 'tgt', addresses: [] },
      services: [{ name: 'all', databases: databases.map(database) }],
    },
    config: { addresses: [{ name: 'api', address: '10.20.0.10' }], computes: [] },
  } as unknown as Context
})

afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
})

/** The same row on one side or both; what the schemas demand besides is left to the server. */
const insert = async (servers: readonly Server[], table: string, row: Readonly<Record<string, string | number>>) => {
  for (const server of servers) {
    const db = await server.db()
    await db.run('SET foreign_key_checks = 0')
    const columns = Object.keys(row).map((name) => `\`${name}\``)
    await db.run(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      Object.values(row),
    )
  }
}

test('what was made and deleted on the new side is told by its ids, and nothing else', async () => {
  const both = [source, target]
  await insert(both, 'nova.instances', { uuid: 'old', display_name: 'old', deleted: 0 })
  await insert(both, 'nova.instances', { uuid: 'dead', display_name: 'dead', deleted: 7 })
  await insert([target], 'nova.instances', {
    uuid: 'new',
    display_name: 'Zoë',
    deleted: 0,
    created_at: '2026-11-21 00:20:01',
  })
  await insert([target], 'nova.instances', { uuid: 'brief', display_name: 'made and deleted', deleted: 9 })
  await insert([source], 'cinder.volumes', { id: 'v-gone', display_name: 'data', deleted: 0 })
  await insert([target], 'cinder.volumes', { id: 'v-gone', display_name: 'data', deleted: 1, use_quota: 1 })
  await insert([target], 'neutron.networks', { id: 'n1', name: 'проект-δ', standard_attr_id: 41 })
  await insert([target], 'neutron.standardattributes', {
    id: 41,
    resource_type: 'networks',
    created_at: '2026-11-21 00:20:02',
  })
  await insert([target], 'keystone.`user`', {
    id: 'u1',
    domain_id: 'default',
    enabled: 1,
    created_at: '2026-11-21 00:20:03',
  })
  await insert([target], 'keystone.local_user', { domain_id: 'default', user_id: 'u1', name: 'ann' })
  await insert([source], 'keystone.`role`', { id: 'r1', name: 'gone', domain_id: '<<null>>' })
  await insert([target], 'nova_api.flavors', {
    flavorid: 'f1',
    name: 'm1.new',
    memory_mb: 1,
    vcpus: 1,
    swap: 0,
    root_gb: 1,
    ephemeral_gb: 0,
  })
  await insert([target], 'heat.stack', { id: 's1', name: 'stack' })
  await insert([target], 'heat.stack', { id: 's2', name: 'nested', owner_id: 's1' })
  const found = await compareSides(context)
  expect(found.map(({ what, made, gone }) => ({ what, made, gone }))).toEqual([
    { what: 'server', made: [{ id: 'new', name: 'Zoë', at: '2026-11-21 00:20:01' }], gone: [] },
    { what: 'volume', made: [], gone: [{ id: 'v-gone', name: 'data' }] },
    { what: 'network', made: [{ id: 'n1', name: 'проект-δ', at: '2026-11-21 00:20:02' }], gone: [] },
    { what: 'user', made: [{ id: 'u1', name: 'ann', at: '2026-11-21 00:20:03' }], gone: [] },
    { what: 'role', made: [], gone: [{ id: 'r1', name: 'gone' }] },
    { what: 'stack', made: [{ id: 's1', name: 'stack' }], gone: [] },
    { what: 'flavor', made: [{ id: 'f1', name: 'm1.new' }], gone: [] },
  ])
})

test.each(kept.map((kind) => [kind.what, kind] as const))(
  'the tables of both releases have what is asked of them: %s',
  async (_what, kind) => {
    for (const server of [source, target]) {
      const db = await server.db()
      const join = kind.join?.replace('JOIN ', `JOIN ${kind.repo}.`) ?? ''
      const rows = await db.rows(
        `SELECT ${kind.id}, ${kind.name}, ${kind.created ?? 'NULL'} FROM ${kind.repo}.\`${kind.table}\` t ${join} WHERE ${kind.alive ?? '1 = 1'} LIMIT 1`,
      )
      expect(Array.isArray(rows)).toBe(true)
    }
  },
)

test('computes and agents that reported to the old side are waited for until they report to the new', async () => {
  const both = [source, target]
  const row = { binary: 'nova-compute', deleted: 0, updated_at: '2026-11-21 00:10:00' }
  await insert(both, 'nova.services', { ...row, host: 'cmp1' })
  await insert(both, 'nova.services', { ...row, host: 'dead', updated_at: '2026-11-20 00:10:00' })
  await insert(both, 'nova.services', { ...row, host: 'src' })
  await insert(both, 'neutron.agents', {
    id: 'a1',
    binary: 'neutron-openvswitch-agent',
    host: 'cmp1',
    heartbeat_timestamp: '2026-11-21 00:10:20',
  })
  const reported: string[] = []
  const later = async (sql: string): Promise<void> => {
    await new Promise((wake) => setTimeout(wake, 2_500))
    await (await target.db()).run(sql)
    reported.push(sql)
  }
  const [says] = await Promise.all([
    reportStep(context, []).proof?.(),
    later("UPDATE nova.services SET updated_at = UTC_TIMESTAMP() WHERE host = 'cmp1'"),
    later("UPDATE neutron.agents SET heartbeat_timestamp = UTC_TIMESTAMP() WHERE host = 'cmp1'"),
  ])
  expect(reported).toHaveLength(2)
  expect(says).toMatch(/^nova-compute on cmp1, neutron-openvswitch-agent on cmp1 reported within [2-9] s/)
})

test('the APIs to probe come from the catalog of the new side', async () => {
  await insert([target], 'keystone.service', { id: 's1', type: 'compute', enabled: 1, extra: '{}' })
  const row = { service_id: 's1', enabled: 1, extra: '{}' }
  await insert([target], 'keystone.endpoint', {
    ...row,
    id: 'e1',
    interface: 'public',
    url: 'http://10.20.0.10:8774/v2.1',
  })
  await insert([target], 'keystone.endpoint', {
    ...row,
    id: 'e2',
    interface: 'internal',
    url: 'http://10.20.0.11:8774/v2.1',
  })
  await insert([target], 'keystone.endpoint', { ...row, id: 'e3', interface: 'admin', url: 'http://10.20.0.10:35357/' })
  expect(await askEndpoints(context)).toEqual([
    { name: 'compute', url: 'http://10.20.0.10:8774/v2.1', address: '10.20.0.10' },
  ])
})
