import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import { referenceChecks } from '../../src/checks/references.ts'
import type { Context } from '../../src/context.ts'
import { keepSeen } from '../../src/engine/keep.ts'
import { localHost } from '../../src/hosts/local.ts'
import { glanceRecipe } from '../../src/services/glance/recipe.ts'
import { references } from '../../src/services/index.ts'
import type { Broken } from '../../src/services/reference.ts'
import { askReferences, referencesStep, referencesText, sourceReferences } from '../../src/verify/references.ts'
import { askSide, questionsOf } from '../../src/verify/references-ask.ts'
import { askBytes } from '../../src/verify/references-bytes.ts'
import { startFast } from './historic.ts'
import type { Server } from './mariadb.ts'
import { cloudContext, databases, loadRelease, populate, run } from './references-cloud.ts'
import { faults } from './references-faults.ts'

let source: Server
let target: Server
let directory: string
let context: Context

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'references-'))
  for (const side of ['src', 'dst']) {
    await mkdir(join(directory, side))
    for (const image of ['im1', 'im2']) await writeFile(join(directory, side, image), 'abc')
  }
  ;[source, target] = await Promise.all([startFast(), startFast()])
  await Promise.all([loadRelease(source, 'victoria', 'utf8'), loadRelease(target, 'epoxy', 'utf8mb4')])
  await populate(source, 'src', join(directory, 'src'))
  await populate(target, 'dst', join(directory, 'dst'))
  context = cloudContext(source.host, target.host, directory)
})
afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
  await rm(directory, { recursive: true, force: true })
})

/** What the step saves and then reports. */
const proved = async () => {
  const step = referencesStep(context, [])
  await keepSeen(step, { hosts: () => localHost(), fixups: async () => '' })
  return step.proof?.()
}

const ask = async (id: string, side: 'source' | 'target' = 'target'): Promise<readonly Broken[] | undefined> => {
  const question = questionsOf(context).questions.find((one) => one.id === id)
  if (question === undefined) throw new Error(`no rule ${id}`)
  return (await askSide(context, side, [question])).get(id)
}

test('a cloud without dangling references: no rule finds anything, on either release', async () => {
  const { questions, left } = questionsOf(context)
  expect(left).toEqual([])
  expect(questions.length).toBe(references.length + Object.keys(databases).length + 1)
  for (const side of ['source', 'target'] as const)
    for (const [id, rows] of await askSide(context, side, questions))
      expect({ side, id, rows }).toEqual({ side, id, rows: [] })
  const found = await askReferences(context, context.recipes)
  expect(found.differences).toEqual([])
  expect(referencesText(found)).toBe(`${questions.length} rules checked`)
})

test("what is broken on both sides was so before; what is broken only on the target is the swap's fault", async () => {
  const orphan =
    "INSERT INTO {cinder}.volumes (id, project_id, volume_type_id, deleted) VALUES ('old', 'p-old', 'vt1', 0)"
  await run(source, orphan)
  await run(target, orphan)
  await run(target, "DELETE FROM {neutron}.floatingips WHERE id = 'fip1'")
  const seen = await askReferences(context, context.recipes)
  const found = seen.differences
  expect(found.map(({ part, service, where, says }) => [part, service, where, says])).toEqual([
    [
      'references',
      'neutron',
      'port 00000000-0000-4000-8000-000000000003',
      'belongs to floating address fip1, which does not exist (neutron/port-floating)',
    ],
  ])
  expect(found[0]?.look).toContain('SELECT * FROM neutron.ports: the row of ')
  expect(referencesText(seen)).toMatch(
    /; already broken before the swap: volume old belongs to project p-old, which keystone does not have \(cinder\/project-of-volume\)$/,
  )
  expect(await sourceReferences(context)).toEqual([
    'volume old belongs to project p-old, which keystone does not have (cinder/project-of-volume)',
  ])
  const already = referenceChecks.find(({ id }) => id === 'references/already-broken')
  expect(await already?.ask(context as CheckContext)).toEqual([
    {
      level: 'warn',
      says: '1 references are already broken on the source: volume old belongs to project p-old, which keystone does not have (cinder/project-of-volume)',
      remedy: expect.stringContaining('swapctl verify'),
    },
  ])
  const away = {
    ...context,
    hosts: () => ({ ...source.host, socket: () => Promise.reject(new Error('nobody listens')) }),
  }
  expect(await already?.ask(away as unknown as CheckContext)).toMatchObject([
    { level: 'warn', says: expect.stringContaining('cannot check the references of the source') },
  ])
  await expect(proved()).rejects.toThrow(
    /have dangling references that were valid on the source:\n {2}port 0+-0+-4000-8000-0+3: belongs to floating address fip1.*\n +look: /,
  )
  await run(
    target,
    "INSERT INTO {neutron}.floatingips (id, floating_port_id, fixed_port_id, fixed_ip_address, router_id, standard_attr_id) VALUES ('fip1', '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000001', '10.0.0.5', 'ro1', 8)",
  )
  expect(await proved()).toContain('rules checked; already broken before the swap: volume old')
})

test('verifying one service includes those it calls, but not those that are not migrated yet', async () => {
  await run(
    target,
    "INSERT INTO {nova}.block_device_mapping (id, instance_uuid, volume_id, destination_type, deleted) VALUES (50, 'i1', 'v-no', 'volume', 0)",
  )
  const only = (name: string) => context.recipes.filter((recipe) => recipe.name === name)
  const ids = async (name: string) => (await askReferences(context, only(name))).differences.map(({ says }) => says)
  expect(await ids('nova')).toEqual(['is volume v-no, which cinder does not have (cinder/device-volume)'])
  expect(await ids('cinder')).toEqual([])
  await run(target, 'DELETE FROM {nova}.block_device_mapping WHERE id = 50')
})

describe('each rule finds nothing before its fault and names the row after it', () => {
  test('there is a fault for every rule', () => {
    expect(faults.map(({ id }) => id).toSorted()).toEqual(references.map(({ id }) => id).toSorted())
  })

  test.each(faults.map((fault) => [fault.id, fault] as const))('%s', async (id, { sql, row }) => {
    expect(await ask(id)).not.toContainEqual(row)
    await run(target, ...sql)
    expect(await ask(id)).toContainEqual(row)
  })
})

test('rows that violate a foreign key, loaded with the check turned off', async () => {
  await run(target, "INSERT INTO {cinder}.volume_metadata (id, volume_id, `key`, deleted) VALUES (1, 'v-none', 'k', 0)")
  expect(await ask('cinder/foreign-keys-cinder')).toContainEqual({
    id: 'volume_metadata (volume_id) v-none',
    key: '`cinder`.`volumes` has no v-none',
  })
})

test('images: missing, of another size, with other content', async () => {
  const path = (name: string) => join(directory, 'dst', name)
  await writeFile(path('im1'), 'abd')
  await writeFile(path('im2'), 'abd')
  expect(await ask('glance/image-bytes')).toEqual([
    { id: 'im1', key: `its file ${path('im1')} has another sha512 than its row` },
    { id: 'im2', key: `its file ${path('im2')} has another md5 than its row` },
  ])
  await writeFile(path('im1'), 'abcd')
  await rm(path('im2'))
  expect(await ask('glance/image-bytes')).toEqual([
    { id: 'im1', key: `its file ${path('im1')} has 4 bytes, but its row has 3` },
    { id: 'im2', key: `its file ${path('im2')} is missing` },
  ])
  await writeFile(path('im1'), 'abd')
  // reads no more than allowed
  expect(await askBytes(await target.db(), target.host, glanceRecipe.bytes, 'glance', 2)).toEqual([
    { id: 'im2', key: `its file ${path('im2')} is missing` },
  ])
})

test("without the tables on an old source, what is broken on the target counts as the swap's fault", async () => {
  await run(source, 'DROP TABLE {nova_api}.instance_mappings', 'ALTER TABLE {nova}.compute_nodes DROP COLUMN uuid')
  expect(await ask('nova/instance-mapping', 'source')).toBeUndefined()
  expect(await ask('placement/node-provider', 'source')).toBeUndefined()
  await expect(proved()).rejects.toThrow('rows have dangling references')
  const kept = await readFile(join(directory, 'references.json'), 'utf8')
  expect(kept).toContain('is mapped to no cell: the API does not find it (nova/instance-mapping)')
  expect(kept).toContain('volume old belongs to project p-old')
})

test('a rule without a table on the target is named as skipped', async () => {
  await run(target, 'DROP TABLE {nova}.instance_info_caches')
  expect(await ask('nova/info-cache')).toBeUndefined()
  expect(referencesText(await askReferences(context, context.recipes))).toMatch(
    /^62 rules checked; skipped \(tables missing\): nova\/info-cache, nova\/info-cache-port; already broken before/,
  )
})
