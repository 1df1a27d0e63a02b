import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import { askRows } from '../../src/checks/rows.ts'
import { rowData } from '../../src/services/index.ts'
import type { RowCheck } from '../../src/services/row-check.ts'
import type { Survey } from '../../src/survey.ts'
import { fill } from '../../src/text/sql.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { load, startFast } from './historic.ts'
import type { Server } from './mariadb.ts'
import { rowCases as first } from './row-cases.ts'
import { moreRowCases } from './row-cases-more.ts'

const rowCases = { ...first, ...moreRowCases }

const repos = ['nova', 'nova_api', 'cinder', 'neutron', 'keystone', 'glance', 'heat', 'placement', 'barbican'] as const
const databases: Record<string, string> = {}
let server: Server

beforeAll(async () => {
  server = await startFast()
  const db = await server.db()
  for (const repo of repos) databases[repo] = await load(server, db, `victoria/${repo}`)
  // Not in keystone's schema since pike, but old databases still have it.
  await server.load(databases['keystone'] ?? '', 'CREATE TABLE IF NOT EXISTS token (id VARCHAR(64) PRIMARY KEY)')
}, 60_000)
afterAll(() => server?.stop())

const context = (): CheckContext => ({
  config: settings,
  survey: {
    ...surveyed,
    services: [{ databases: repos.map((repo) => ({ repo, name: databases[repo] })) }],
  } as unknown as Survey,
  recipes: [],
  recreate: false,
  claimed: false,
  hosts: () => server.host,
})

const run = async (check: RowCheck, statements: readonly string[]): Promise<void> => {
  const own = databases[check.repo] as string
  const filled = statements.map((sql) => fill(sql, { ...databases, '': own }))
  await server.load(own, ["SET SESSION sql_mode = '', foreign_key_checks = 0", ...filled].join(';\n'))
}

const tables = (check: RowCheck): readonly string[] => [
  ...new Set(
    [...JSON.stringify(rowCases[check.id]).matchAll(/(?:INTO|TABLE|UPDATE) (\{[\w.]+\})/g)].map(
      (match) => match[1] as string,
    ),
  ),
]

describe('each check ignores rows that are fine and names rows that are not', () => {
  test.each(rowData.map((check) => [check.id, check] as const))('%s', async (id, check) => {
    const { silent, fires, names } = rowCases[id] ?? expect.fail(`${id} has no case`)
    await run(check, silent)
    expect(await askRows(check, context())).toEqual([])
    await run(check, fires)
    const found = await askRows(check, context())
    expect(found).toEqual([
      {
        level: check.level,
        remedy: check.remedy,
        says: expect.stringMatching(new RegExp(`^${databases[check.repo]}: .*${names}`)),
      },
    ])
    await run(
      check,
      tables(check).map((table) => `TRUNCATE ${table}`),
    )
  })
})

test('a schema without the columns gives no finding', async () => {
  const check = rowData.find((one) => one.id === 'nova/null-uuids') as RowCheck
  await server.load(databases['nova'] ?? '', 'CREATE DATABASE bare; CREATE TABLE bare.services (id INT)')
  const bare = {
    ...context(),
    survey: { services: [{ databases: [{ repo: 'nova', name: 'bare' }] }] } as unknown as Survey,
  }
  expect(await askRows(check, bare)).toEqual([])
})
