import { describe, expect, test } from 'vitest'
import { askBlockers, countBlockers, countOf, curesFor, type Where } from '../../src/hops/blockers.ts'
import { count } from '../../src/hops/count.ts'
import type { Blocker, Mend, Probe } from '../../src/releases/blocker.ts'
import { findRelease } from '../../src/releases/release.ts'
import { blockers } from '../../src/services/index.ts'
import type { Asker } from '../../src/text/sql.ts'
import { at, list } from './chains.ts'

/** Databases that answer as described: 'copy.volumes': its columns, and the offenders in it. */
const answering = (
  tables: Readonly<Record<string, { readonly columns: readonly string[]; readonly offenders: readonly string[] }>>,
  asked: string[] = [],
): Asker => ({
  rows: async (sql) => {
    asked.push(sql)
    const place = /TABLE_SCHEMA = '(\w+)' AND TABLE_NAME IN \('(\w+)'\)/.exec(sql)
    if (place) return (tables[`${place[1]}.${place[2]}`]?.columns ?? []).map((c) => ({ t: place[2], c }))
    const [, database, table] = /FROM `(\w+)`\.`(\w+)`/.exec(sql) ?? []
    const offenders = tables[`${database}.${table}`]?.offenders ?? []
    if (sql.startsWith('SELECT COUNT(*) AS n ')) return [{ n: String(offenders.length) }]
    return offenders.slice(0, Number(/LIMIT (\d+)$/.exec(sql)?.[1])).map((example) => ({ example }))
  },
})

const probe = (table: string, columns: readonly string[] = ['deleted']): Probe => ({
  needs: { [table]: columns },
  from: `{${table}} WHERE \`deleted\` = 0`,
  example: '`id`',
})

const volumes = (...offenders: readonly string[]) => ({ 'copy.volumes': { columns: ['deleted'], offenders } })

describe('the offenders of a blocker', () => {
  test('are those of all its places, with the first three as examples', async () => {
    const db = answering({
      ...volumes('v-1', 'v-2'),
      'copy.snapshots': { columns: ['deleted'], offenders: ['s-1', 's-2'] },
    })
    const found = await count(db, [probe('volumes'), probe('snapshots')], { '': 'copy' })
    expect(found).toEqual({ rows: 4, examples: ['v-1', 'v-2', 's-1'] })
  })

  test('are none only when every place could be asked', async () => {
    const db = answering(volumes())
    const both = [probe('volumes'), probe('snapshots')]
    expect(await count(db, [probe('volumes')], { '': 'copy' })).toEqual({ rows: 0, examples: [] })
    expect(await count(db, both, { '': 'copy' })).toBeUndefined()
    expect(await count(db, both.toReversed(), { '': 'copy' })).toBeUndefined()
    expect(await count(db, [probe('volumes', ['deleted', 'use_quota'])], { '': 'copy' })).toBeUndefined()
    expect(await count(answering(volumes('v-1')), both, { '': 'copy' })).toEqual({ rows: 1, examples: ['v-1'] })
  })

  test('may be in another database, and are unknown without it', async () => {
    const api = { columns: ['deleted'], offenders: ['r-1'] }
    const beside = [probe('nova_api.request_specs')]
    const db = answering({ 'api.request_specs': api })
    expect(await count(db, beside, { '': 'copy', nova_api: 'api' })).toEqual({ rows: 1, examples: ['r-1'] })
    expect(await count(db, beside, { '': 'api' })).toBeUndefined()
  })

  test('have no examples when there are none', async () => {
    const asked: string[] = []
    await count(answering(volumes(), asked), [probe('volumes')], { '': 'copy' })
    expect(asked.filter((sql) => sql.includes('AS example'))).toEqual([])
  })
})

const mend = (when: Mend['when'], first: Mend['by'][0], last: Mend['by'][1]): Mend => ({
  by: [first, last],
  argv: ['cinder-manage', when],
  when,
})

const blocker = (rest: Partial<Blocker>): Blocker => ({
  id: 'cinder-example',
  repo: 'cinder',
  stops: { release: 'ussuri', migration: '136' },
  rows: 'volumes without type',
  asks: [probe('volumes')],
  always: false,
  level: 'block',
  source: 'this test',
  ...rest,
})

const cinderAt = (release: string): Where => ({ ...at('cinder', release), database: 'copy' })
const ask = async (of: Blocker, from: string, hops: string, db = answering(volumes('v-1'))) =>
  (await askBlockers(db, cinderAt(from), list(hops), [of])).map(({ level, remedy }) => `${level}: ${remedy}`)

describe('messages about rows that a migration refuses', () => {
  const online = blocker({ mends: [mend('on-the-way', 'train', 'ussuri')] })

  test('where they are, which they are, and which release fails on them', async () => {
    const db = answering(volumes('v-1', 'v-2', 'v-3', 'v-4'))
    const [found, ...more] = await askBlockers(db, cinderAt('train'), list('victoria'), [online])
    expect(found).toMatchObject({
      id: 'cinder-example',
      says: 'copy: 4 volumes without type (v-1, v-2, v-3, ...); migration 136 of ussuri, run by victoria, fails on them',
    })
    expect(more).toEqual([])
    const [three] = await askBlockers(answering(volumes('a', 'b', 'c')), cinderAt('train'), list('ussuri'), [online])
    expect(three?.says).toContain('(a, b, c);')
  })

  test('none when there are no rows, when no hop runs the migration, or for other databases', async () => {
    expect(await ask(online, 'train', 'victoria', answering(volumes()))).toEqual([])
    expect(await ask(online, 'ussuri', 'victoria')).toEqual([])
    expect(await ask(online, 'rocky', 'train')).toEqual([])
    expect(await ask({ ...online, repo: 'nova' }, 'train', 'victoria')).toEqual([])
    expect(await ask({ ...online, at: '1' }, 'train', 'victoria')).toEqual([])
    expect(await ask({ ...online, at: '132' }, 'train', 'victoria')).toHaveLength(1)
    const empty: Where = { repo: 'placement', revision: [], database: 'copy' }
    const any = { ...online, repo: 'placement' }
    expect(await askBlockers(answering(volumes('v-1')), empty, list('victoria'), [any])).toEqual([])
  })

  test('what fixes them: an earlier hop, the refusing one, the old controller, a missing hop, manual work', async () => {
    expect(await ask(online, 'rocky', 'train victoria')).toEqual([
      'warn: Nothing to do: on the copy the hop of train will run `cinder-manage on-the-way`',
    ])
    expect(await ask(online, 'rocky', 'ussuri')).toEqual([
      'warn: Nothing to do: when the sync of ussuri refuses the copy, its code will run `cinder-manage on-the-way`, then sync again',
    ])
    expect(await ask(blocker({ mends: [mend('before', 'ussuri', 'victoria')] }), 'rocky', 'victoria')).toEqual([
      'warn: Nothing to do: on the copy the code of victoria will run `cinder-manage before` before its sync',
    ])
    expect(await ask(online, 'train', 'victoria')).toEqual([
      'block: On the old controller, before the freeze, run `cinder-manage on-the-way`; or configure an environment of train: [hop train]',
    ])
    expect(await ask(online, 'rocky', 'victoria')).toEqual([
      'block: Add a hop of one of train to ussuri before victoria: its code must run `cinder-manage on-the-way`',
    ])
    expect(await ask(blocker({ hand: 'delete them' }), 'rocky', 'victoria')).toEqual(['block: By hand: delete them'])
    expect(await ask(blocker({ hand: 'delete them', sql: ['DELETE FROM {volumes}'] }), 'rocky', 'victoria')).toEqual([
      'warn: Nothing to do: SQL fixes the copy before victoria; the old controller is not touched',
    ])
  })

  test('a call at the end of the refusing hop comes too late, and later hops cannot fix anything before it', async () => {
    const late = blocker({ mends: [mend('hop-end', 'ussuri', 'victoria')] })
    expect(await ask(late, 'rocky', 'ussuri victoria')).toEqual([expect.stringMatching(/^block: Add a hop of/)])
  })

  test('a database left half-way by a sync is fixed by the release it has passed', async () => {
    const where: Where = { repo: 'cinder', revision: ['135'], database: 'copy' }
    const [found] = await askBlockers(answering(volumes('v-1')), where, list('victoria'), [online])
    expect(found?.remedy).toMatch(/^On the old controller/)
  })
})

test('offenders are counted per blocker for the whole path; those that cannot be counted are left out', async () => {
  const columns = ['deleted', 'volume_type_id']
  const db = answering({
    'copy.volumes': { columns, offenders: ['v-1'] },
    'copy.snapshots': { columns, offenders: ['s-1', 's-2'] },
  })
  const counts = await countBlockers(db, cinderAt('train'), findRelease('2025.1'))
  expect(counts).toMatchObject({ 'cinder-untyped-volumes': 3, 'cinder-untyped-deleted-volumes': 3 })
  expect(counts).not.toHaveProperty('cinder-use-quota')
  expect(counts).not.toHaveProperty('cinder-consistency-groups')
  const untyped = blockers.find(({ id }) => id === 'cinder-untyped-volumes') ?? expect.fail('it is gone')
  expect(await countOf(db, cinderAt('train'), untyped)).toEqual({ rows: 3, examples: ['v-1', 's-1', 's-2'] })
})

describe('what the refusing code must call itself', () => {
  const argvs = (mends: readonly Mend[]) => mends.map(({ argv }) => argv.slice(1).join(' '))
  const nova: Where = { ...at('nova', 'juno'), database: 'copy' }

  test('before its sync, if there are rows', async () => {
    const instances = { columns: ['uuid', 'id'], offenders: ['1'] }
    const cures = await curesFor(answering({ 'copy.instances': instances }), nova, findRelease('kilo'))
    expect(argvs(cures.before)).toEqual(['db null_instance_uuid_scan --delete'])
    expect(cures.afterRefusal).toEqual([])
    expect(await curesFor(answering({}), nova, findRelease('kilo'))).toEqual({ before: [], afterRefusal: [] })
  })

  test('after its refusal, if there are rows or may be', async () => {
    const cures = await curesFor(answering({}), cinderAt('rocky'), findRelease('ussuri'))
    expect(cures.before).toEqual([])
    expect(argvs(cures.afterRefusal)).toEqual(['db online_data_migrations'])
    const columns = ['deleted', 'volume_type_id']
    const none = { columns, offenders: [] }
    const typed = answering({ 'copy.volumes': none, 'copy.snapshots': none })
    expect(await curesFor(typed, cinderAt('rocky'), findRelease('ussuri'))).toEqual({ before: [], afterRefusal: [] })
    expect(await curesFor(answering({}), cinderAt('train'), findRelease('victoria'))).toEqual({
      before: [],
      afterRefusal: [],
    })
  })
})
