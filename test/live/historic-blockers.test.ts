import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/engine/step.ts'
import { askBlockers, countBlockers, repairsFor, type Where } from '../../src/hops/blockers.ts'
import { askRevision } from '../../src/hops/revision.ts'
import type { Db } from '../../src/hosts/db.ts'
import { findRelease } from '../../src/releases/release.ts'
import { blockers } from '../../src/services/index.ts'
import { load, repoOf, startFast } from './historic.ts'
import { type Case, cases } from './historic-cases.ts'
import type { Server } from './mariadb.ts'

let server: Server
let db: Db
beforeAll(async () => {
  server = await startFast()
  db = await server.db()
})
afterAll(() => server?.stop())

const open = async (file: string, of: Pick<Case, 'charset' | 'beside'> = {}): Promise<Where> => {
  const [repo, database] = [repoOf(file), await load(server, db, file, of.charset)]
  const beside = of.beside === undefined ? {} : { nova_api: await load(server, db, of.beside) }
  return { repo, database, beside, revision: await askRevision(db, repo, database) }
}

const hopsOf = (of: Case) => of.hops.split(' ').map((word) => findRelease(word))

const ask = async (where: Where, of: Case): Promise<Finding | undefined> => {
  const found = await askBlockers(db, where, hopsOf(of))
  return found.find((finding) => finding.id === of.id)
}

describe('each refusing migration: no finding without such rows, a finding with them', () => {
  test.each(cases.map((of) => [of.id, of.silent, of] as const))('%s (%s)', async (_id, _silent, of) => {
    const clean = await open(of.silent, of)
    expect(await ask(clean, of)).toBeUndefined()
    // only the relevant rows, without their parents
    await server.load(clean.database, ['SET foreign_key_checks = 0', ...(of.insert ?? [])].join(';\n'))
    const where =
      of.fires === undefined
        ? { ...clean, revision: await askRevision(db, clean.repo, clean.database) }
        : await open(of.fires, of)
    const found = await ask(where, of)
    expect(found).toMatchObject({ level: of.level, remedy: expect.stringMatching(of.remedy) })
    expect(found?.says).toMatch(new RegExp(`^${where.database}: ${of.rows} .* \\(.+\\); migration `))
    const target = hopsOf(of).at(-1) ?? findRelease('epoxy')
    expect((await countBlockers(db, where, target))[of.id]).toBe(of.rows)
  })

  test('the hops decide what fixes the rows: an earlier hop, the refusing one after its refusal, manual work', async () => {
    const where = await open('train/cinder')
    await server.load(where.database, "INSERT INTO volumes (id, deleted) VALUES ('v-1', 0)")
    const rocky = { ...where, revision: ['123'] }
    const levels = async (from: Where, ...hops: string[]) =>
      (
        await askBlockers(
          db,
          from,
          hops.map((word) => findRelease(word)),
        )
      ).map(({ level, remedy }) => `${level}: ${remedy}`)
    expect(await levels(rocky, 'train', 'wallaby')).toEqual([
      expect.stringMatching(/^warn: Nothing to do: on the copy the hop of train will run .*online_data_migrations/),
    ])
    expect(await levels(rocky, 'ussuri')).toEqual([
      expect.stringMatching(/^warn: Nothing to do: when the sync of ussuri refuses the copy, its code will run/),
    ])
    expect(await levels(rocky, 'wallaby')).toEqual([
      expect.stringMatching(/^block: Add a hop of one of train to ussuri/),
    ])
    expect(await levels(where, 'wallaby')).toEqual([
      expect.stringMatching(/^block: On the old controller, before the freeze, run .*\[hop train\]/),
    ])
  })

  test.each([
    ['train', 'wallaby', 'volume_type_id', 'VARCHAR(36)', '1, NULL'],
    ['zed', 'epoxy', 'use_quota', 'BOOL', "1, 't', NULL"],
  ])('soft-deleted volumes of %s: %s refuses them (%s NOT NULL) until the copy is fixed', async (...row) => {
    const [release, hop, column, type, gone] = row
    const where = await open(`${release}/cinder`)
    const sql = (...statements: readonly string[]) =>
      server.load(where.database, ['SET foreign_key_checks = 0', ...statements].join(';\n'))
    const columns = column === 'use_quota' ? 'deleted, volume_type_id, use_quota' : `deleted, ${column}`
    await sql(
      `INSERT INTO volumes (id, ${columns}) VALUES ('live', ${gone.replace('1', '0').replace('NULL', "'1'")}), ('gone', ${gone})`,
      `INSERT INTO snapshots (id, volume_id, ${columns}) VALUES ('gone', 'gone', ${gone})`,
    )
    const strict = ['volumes', 'snapshots'].map((table) => `ALTER TABLE ${table} MODIFY ${column} ${type} NOT NULL`)
    await expect(sql(...strict)).rejects.toThrow(/1265|Data truncated/)
    const repairs = repairsFor(where, findRelease(hop))
    expect(repairs).toHaveLength(2)
    await sql(...repairs)
    await sql(...strict)
    const [live] = await db.rows<{ v: string }>(
      `SELECT ${column} AS v FROM ${where.database}.volumes WHERE id = 'live'`,
    )
    expect(`${live?.v}`).toBe('1')
  })

  test('data migrations that need running services are replaced by SQL: uuids, service of a volume, connectors', async () => {
    const where = await open('rocky/cinder')
    await server.load(
      where.database,
      `SET foreign_key_checks = 0; INSERT INTO services (host, \`binary\`, report_count, uuid, deleted) VALUES ('a@lvm', 'cinder-volume', 0, NULL, 0);
       INSERT INTO volumes (id, host, deleted) VALUES ('v-1', 'a@lvm#pool', 0), ('v-2', 'b@lvm', 0);
       INSERT INTO volume_attachment (id, volume_id, deleted) VALUES ('t-1', 'v-1', 0);
       INSERT INTO attachment_specs (attachment_id, \`key\`, \`value\`, deleted) VALUES ('t-1', 'initiator', 'iqn "x"', 0), ('t-1', 'ip', '10.0.0.1', 0)`,
    )
    const repairs = repairsFor(where, findRelease('train'))
    await server.load(where.database, repairs.join(';\n'))
    const [volume] = await db.rows<{ same: string }>(
      `SELECT v.service_uuid = s.uuid AS same FROM ${where.database}.volumes v, ${where.database}.services s WHERE v.id = 'v-1'`,
    )
    expect(Number(volume?.same)).toBe(1)
    const [attachment] = await db.rows<{ connector: string }>(
      `SELECT connector FROM ${where.database}.volume_attachment`,
    )
    expect(JSON.parse(attachment?.connector ?? '')).toEqual({ initiator: 'iqn "x"', ip: '10.0.0.1' })
    expect((await countBlockers(db, where, findRelease('train')))['cinder-service-uuids']).toBe(0)
  })

  test('every blocker is seen here', () => {
    expect(new Set(cases.map(({ id }) => id))).toEqual(new Set(blockers.map(({ id }) => id)))
  })
})
