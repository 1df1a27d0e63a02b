import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { askEndpoints } from '../../src/cutover/handover/endpoints.ts'
import { reportStep } from '../../src/cutover/outage/reports.ts'
import { recipes } from '../../src/services/index.ts'
import { fill, insert, surveyedDatabases } from './historic.ts'
import { type Server, startMariadb } from './mariadb.ts'

let source: Server
let target: Server
let context: Context

beforeAll(async () => {
  // Both on the same server version, because only schemas matter here.
  ;[source, target] = await Promise.all([startMariadb('--sql-mode='), startMariadb('--sql-mode=')])
  await Promise.all([fill(source, 'victoria'), fill(target, 'epoxy')])
  context = {
    hosts: (name: string) => (name === 'source' ? source.host : target.host),
    recipes,
    survey: {
      source: { hostname: 'src', addresses: [] },
      target: { hostname: 'tgt', addresses: [] },
      services: [{ name: 'all', databases: surveyedDatabases }],
    },
    config: { addresses: [{ name: 'api', address: '10.20.0.10' }], computes: [] },
  } as unknown as Context
})

afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
})

/** The same row on both sides. */
const insertBoth = async (table: string, row: Parameters<typeof insert>[2]): Promise<void> => {
  await insert(source, table, row)
  await insert(target, table, row)
}

test('waits until computes and agents that reported to the old side report to the new one', async () => {
  const row = { binary: 'nova-compute', deleted: 0, updated_at: '2026-11-21 00:10:00' }
  await insertBoth('nova.services', { ...row, host: 'cmp1' })
  await insertBoth('nova.services', { ...row, host: 'dead', updated_at: '2026-11-20 00:10:00' })
  await insertBoth('nova.services', { ...row, host: 'src' })
  await insertBoth('neutron.agents', {
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
  expect(says).toMatch(/^neutron-openvswitch-agent on cmp1, nova-compute on cmp1 reported within [2-9] s/)
})

test('one silent agent is left to the operator; if none reports, it is an error', async () => {
  const rows = await target.db()
  await rows.run("UPDATE nova.services SET updated_at = '2026-11-21 00:10:00'")
  await rows.run("UPDATE neutron.agents SET heartbeat_timestamp = '2999-01-01 00:00:00'")
  const left: string[] = []
  const says = await reportStep(context, [], 1_000).proof?.(undefined, (text) => void left.push(text))
  expect(says).toMatch(/^neutron-openvswitch-agent on cmp1 reported within/)
  expect(left).toEqual([expect.stringMatching(/^nova-compute on cmp1 does not report to the new controller/)])
  await rows.run("UPDATE neutron.agents SET heartbeat_timestamp = '2026-11-21 00:10:20'")
  await expect(reportStep(context, [], 1_000).proof?.()).rejects.toThrow(/no agent has reported .*nova-compute on cmp1/)
})

test("the APIs to probe come from the new side's catalog", async () => {
  await insert(target, 'keystone.service', { id: 's1', type: 'compute', enabled: 1, extra: '{}' })
  const row = { service_id: 's1', enabled: 1, extra: '{}' }
  await insert(target, 'keystone.endpoint', {
    ...row,
    id: 'e1',
    interface: 'public',
    url: 'http://10.20.0.10:8774/v2.1',
  })
  await insert(target, 'keystone.endpoint', {
    ...row,
    id: 'e2',
    interface: 'internal',
    url: 'http://10.20.0.11:8774/v2.1',
  })
  await insert(target, 'keystone.endpoint', { ...row, id: 'e3', interface: 'admin', url: 'http://10.20.0.10:35357/' })
  expect(await askEndpoints(context)).toEqual([
    {
      name: 'compute',
      url: 'http://10.20.0.10:8774/v2.1',
      template: 'http://10.20.0.10:8774/v2.1',
      address: '10.20.0.10',
    },
  ])
})
