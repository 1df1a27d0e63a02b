import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { askChanges } from '../../src/cost/compare.ts'
import { askCost } from '../../src/cost/cost.ts'
import { askSnapshot, fromOf, type Snapshot } from '../../src/cost/snapshot.ts'
import { snapshotStep } from '../../src/cost/step.ts'
import { askTables } from '../../src/cost/tables.ts'
import { execute } from '../../src/engine/run.ts'
import { localHost } from '../../src/hosts/local.ts'
import { kept } from '../../src/services/index.ts'
import { openBench } from '../engine.ts'
import { surveyed } from '../fixtures/facts/survey.ts'
import { fill, insert, surveyedDatabases } from './historic.ts'
import { type Server, startMariadb } from './mariadb.ts'

let source: Server
let target: Server

beforeAll(async () => {
  ;[source, target] = await Promise.all([startMariadb('--sql-mode='), startMariadb('--sql-mode=')])
  await Promise.all([fill(source, 'victoria'), fill(target, 'epoxy')])
})

afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
})

const survey = {
  ...surveyed,
  services: [
    {
      name: 'nova',
      release: 'victoria',
      version: '',
      running: [],
      databases: surveyedDatabases,
    },
  ],
}

const run = async (sql: string): Promise<number> => (await target.db()).run(sql)

const id = (digit: string): string => `${digit.repeat(8)}-1111-4222-8333-${digit.repeat(12)}`

/** What the cloud contained at the cutover. */
const settle = async (): Promise<void> => {
  await insert(target, 'nova.instances', { id: 1, uuid: id('a'), display_name: 'old', host: 'cmp1', deleted: 0 })
  await insert(target, 'nova.instances', { id: 2, uuid: id('e'), display_name: 'long gone', deleted: 7 })
  await insert(target, 'nova.services', { id: 1, host: 'cmp1', binary: 'nova-compute', report_count: 1, deleted: 0 })
  for (const key of ['k1', 'k2', 'k3'])
    await insert(target, 'nova.instance_metadata', { instance_uuid: id('a'), key, value: 'v', deleted: 0 })
  await insert(target, 'cinder.volumes', { id: 'v-gone', display_name: 'data', deleted: 0, use_quota: 1 })
  await insert(target, 'neutron.standardattributes', { id: 40, resource_type: 'networks' })
  await insert(target, 'neutron.networks', { id: 'n0', name: 'same', standard_attr_id: 40 })
  await insert(target, 'keystone.`role`', { id: 'r1', name: 'gone', domain_id: '<<null>>' })
}

/** What happened since. */
const work = async (): Promise<void> => {
  await insert(target, 'nova.instances', {
    uuid: id('b'),
    display_name: 'Zoë',
    host: 'cmp1',
    deleted: 0,
    created_at: '2026-11-21 00:20:01',
  })
  await insert(target, 'nova.instances', { uuid: id('f'), display_name: 'made and deleted', deleted: 9 })
  await run(`UPDATE nova.instances SET display_name = 'renamed' WHERE uuid = '${id('a')}'`)
  await run('UPDATE nova.services SET report_count = 2, updated_at = UTC_TIMESTAMP()')
  await run('UPDATE neutron.standardattributes SET updated_at = UTC_TIMESTAMP()')
  await insert(target, 'nova.instance_metadata', { instance_uuid: id('b'), key: 'k4', value: 'v', deleted: 0 })
  await run("UPDATE nova.instance_metadata SET value = 'w', updated_at = UTC_TIMESTAMP() WHERE `key` = 'k1'")
  await run("DELETE FROM nova.instance_metadata WHERE `key` = 'k2'")
  await run("UPDATE cinder.volumes SET deleted = 1 WHERE id = 'v-gone'")
  await insert(target, 'neutron.standardattributes', {
    id: 41,
    resource_type: 'networks',
    created_at: '2026-11-21 00:20:02',
  })
  await insert(target, 'neutron.networks', { id: 'n1', name: 'проект-δ', standard_attr_id: 41 })
  await insert(target, 'keystone.`user`', { id: 'u1', domain_id: 'default', enabled: 1 })
  await insert(target, 'keystone.local_user', { domain_id: 'default', user_id: 'u1', name: 'ann' })
  await run("DELETE FROM keystone.`role` WHERE id = 'r1'")
  await insert(target, 'heat.stack', { id: 's1', name: 'stack' })
  await insert(target, 'heat.stack', { id: 's2', name: 'nested', owner_id: 's1' })
}

let snapshot: Snapshot

test("nothing differs from the cutover's snapshot at first, nor after a save without changes", async () => {
  await settle()
  const db = await target.db()
  snapshot = await askSnapshot(db, { survey })
  expect(await askChanges(db, { survey }, snapshot)).toEqual({ resources: [], tables: [] })
  await run('UPDATE neutron.standardattributes SET updated_at = UTC_TIMESTAMP()')
  expect(await askChanges(db, { survey }, snapshot)).toEqual({ resources: [], tables: [] })
})

test('what was created, changed and deleted since is listed by id, and every row by table', async () => {
  const small = await askSnapshot(await target.db(), { survey }, 2)
  await work()
  const { resources, tables } = await askChanges(await target.db(), { survey }, snapshot)
  expect(resources.map(({ what, made, changed, gone }) => ({ what, made, changed, gone }))).toEqual([
    { what: 'user', made: [{ id: 'u1', name: 'ann' }], changed: [], gone: [] },
    { what: 'role', made: [], changed: [], gone: [{ id: 'r1', name: 'gone' }] },
    { what: 'volume', made: [], changed: [], gone: [{ id: 'v-gone', name: 'data' }] },
    { what: 'network', made: [{ id: 'n1', name: 'проект-δ', at: '2026-11-21 00:20:02' }], changed: [], gone: [] },
    {
      what: 'server',
      made: [{ id: id('b'), name: 'Zoë', at: '2026-11-21 00:20:01', on: 'cmp1' }],
      changed: [{ id: id('a'), name: 'renamed', on: 'cmp1' }],
      gone: [],
    },
    { what: 'stack', made: [{ id: 's1', name: 'stack' }], changed: [], gone: [] },
  ])
  const rows = (made: number, changed: number | undefined, gone: number, itself = false) => ({
    made,
    changed,
    gone,
    own: itself,
  })
  const byTable = Object.fromEntries(tables.map(({ table, ...rest }) => [table, rest]))
  expect(byTable).toEqual({
    'keystone.local_user': rows(1, 0, 0),
    'keystone.role': rows(0, 0, 1),
    'keystone.user': rows(1, 0, 0),
    'cinder.volumes': rows(0, 1, 0),
    'neutron.networks': rows(1, 0, 0),
    'neutron.standardattributes': rows(1, 0, 0),
    'nova.instance_metadata': rows(1, 1, 1),
    'nova.instances': rows(2, 1, 0),
    'nova.services': rows(0, 1, 0, true),
    'heat.stack': rows(2, 0, 0),
  })
  // A table too big to be read row by row: compared by its greatest key and by when its rows were saved.
  expect(small.tables['nova.instance_metadata']).toEqual({ kind: 'count', rows: 3, top: '3' })
  const counted = await askChanges(await target.db(), { survey }, small)
  expect(counted.tables.find((one) => one.table === 'nova.instance_metadata')).toMatchObject(rows(1, 1, 1))
})

test('the cutover saves the snapshot readable by its owner only; without it the cost is unknown', async () => {
  const bench = await openBench()
  try {
    const context = {
      survey,
      config: { state: bench.directory },
      hosts: (name: string) => (name === 'target' ? target.host : localHost()),
    } as unknown as Context
    await expect(askCost(context)).rejects.toThrow('picture.json) is missing')
    await execute([snapshotStep(context, [])], await bench.engine({ hosts: context.hosts }))
    expect((await stat(join(bench.directory, 'picture.json'))).mode & 0o777).toBe(0o600)
    expect(bench.told.at(-1)).toMatch(/^end cutover\/picture \d{3} tables, \d+ rows, \d+ resources$/)
    await insert(target, 'glance.images', {
      id: 'i1',
      name: 'late',
      status: 'active',
      visibility: 'private',
      deleted: 0,
    })
    const { resources } = await askCost(context)
    expect(resources).toMatchObject([{ what: 'image', made: [{ id: 'i1', name: 'late' }], changed: [], gone: [] }])
  } finally {
    await bench.close()
  }
})

test.each(kept.map((kind) => [kind.what, kind] as const))(
  'the tables of both releases have what is asked of them: %s',
  async (_what, kind) => {
    for (const server of [source, target]) {
      const db = await server.db()
      const table = (await askTables(db, kind.repo)).find((one) => one.name === kind.table)
      if (table === undefined) throw new Error(`no ${kind.table}`)
      const asked = [kind.id, kind.name, kind.created ?? 'NULL', kind.on ?? 'NULL'].join(', ')
      expect(Array.isArray(await db.rows(`SELECT ${asked} ${fromOf(table, kind)} LIMIT 1`))).toBe(true)
    }
  },
)
