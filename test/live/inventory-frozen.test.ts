import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server as Http } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Step } from '../../src/engine/step.ts'
import { cinderRecipe as cinder } from '../../src/services/cinder/recipe.ts'
import { recipes } from '../../src/services/index.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import { inventoryStep, proveSameListing } from '../../src/source/inventory.ts'
import { listedStep, proveServing } from '../../src/source/inventory-frozen.ts'
import { askListedRows } from '../../src/source/listed-rows.ts'
import { fill, insert, load, repoOf, startFast, surveyedDatabases } from './historic.ts'
import type { Server } from './mariadb.ts'

type Things = Record<string, Record<string, unknown>>

let db: Server
let http: Http
let directory: string
let context: Context
/** what the APIs of the old and the new cloud list */
let lists: Record<string, Things>
/** called once, while servers are listed */
let meanwhile: (() => Promise<void>) | undefined

const paths: Readonly<Record<string, string>> = { servers: '/servers/detail', volumes: '/volumes/detail' }

beforeAll(async () => {
  db = await startFast()
  await fill(db, 'victoria')
  directory = await mkdtemp(join(tmpdir(), 'frozen-'))
  http = createServer(async (asked, answer) => {
    asked.resume()
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    if (asked.method === 'POST') {
      const catalog = ['compute', 'volumev3'].map((type) => ({ type, endpoints: [{ interface: 'public', url }] }))
      answer.writeHead(201, { 'X-Subject-Token': 'token' })
      answer.end(JSON.stringify({ token: { catalog, expires_at: '2999-01-01T00:00:00Z', project: { id: 'p' } } }))
      return
    }
    const path = (asked.url ?? '').replace(/\?.*/, '')
    const item = [...nova.inventory, ...cinder.inventory].find((one) => one.path.replace(/\?.*/, '') === path)
    const things = Object.entries(lists).find(([what]) => paths[what] === path)?.[1] ?? {}
    const list = Object.entries(things).map(([id, rest]) => ({ id, ...rest }))
    if (path === paths['servers']) {
      await meanwhile?.()
      meanwhile = undefined
    }
    answer.end(JSON.stringify({ [item?.list ?? '']: list }))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const openrc = join(directory, 'openrc')
  const { port } = http.address() as AddressInfo
  await writeFile(
    openrc,
    `export OS_AUTH_URL=http://127.0.0.1:${port}/v3 OS_USERNAME=admin OS_PASSWORD=secret OS_PROJECT_NAME=admin\n`,
  )
  context = {
    config: { state: directory, name: 'test', source: { openrc } },
    hosts: () => db.host,
    recipes: [cinder, nova],
    survey: { services: [{ name: 'all', databases: surveyedDatabases }] },
  } as unknown as Context
})

afterAll(async () => {
  http?.close()
  await db?.stop()
  await rm(directory, { recursive: true, force: true })
})

const server = (status: string) => ({ name: 's', status, tenant_id: 'p' })
const volume = (status: string) => ({ name: 'v', status, size: 1 })

const instance = (uuid: string, vm_state: string, task_state = '') => ({
  uuid,
  display_name: 's',
  project_id: 'p',
  vm_state,
  ...(task_state === '' ? {} : { task_state }),
  deleted: 0,
  updated_at: '2026-01-01 00:00:00',
})
const disk = (id: string, status: string) => ({
  volume_type_id: 't',
  id,
  display_name: 'v',
  status,
  size: 1,
  deleted: 0,
  updated_at: '2026-01-01 00:00:00',
})

/** At the time of the listing: a server being built, one running, a volume being deleted, one that stays. */
beforeEach(async () => {
  const rows = await db.db()
  await rows.run('SET foreign_key_checks = 0')
  for (const table of ['nova.instances', 'cinder.volumes']) await rows.run(`DELETE FROM ${table}`)
  await insert(db, 'nova.instances', instance('a', 'building', 'spawning'))
  await insert(db, 'nova.instances', instance('b', 'active'))
  await insert(db, 'cinder.volumes', disk('v1', 'deleting'))
  await insert(db, 'cinder.volumes', disk('v2', 'in-use'))
  lists = {
    servers: { a: server('BUILD'), b: server('ACTIVE') },
    volumes: { v1: volume('deleting'), v2: volume('in-use') },
  }
})

const performAll = async (step: Step): Promise<string> => {
  for (const action of await step.run()) await perform(action, { hosts: () => db.host, fixups: async () => '' })
  return (await step.proof?.()) ?? ''
}

/** Operations under way finish, and a user creates a volume before the APIs close. */
const end = async (): Promise<void> => {
  const rows = await db.db()
  await rows.run(
    "UPDATE nova.instances SET vm_state = 'active', task_state = NULL, updated_at = NOW() WHERE uuid = 'a'",
  )
  await rows.run("UPDATE cinder.volumes SET deleted = 1, status = 'deleted', updated_at = NOW() WHERE id = 'v1'")
  await insert(db, 'cinder.volumes', disk('v3', 'available'))
}
const ended = () => ({
  servers: { a: server('ACTIVE'), b: server('ACTIVE') },
  volumes: { v2: volume('in-use'), v3: volume('available') },
})

test('changes in flight during the listing are taken over, and no other difference passes', async () => {
  await performAll(inventoryStep(context, []))
  await end()
  lists = ended()
  await expect(proveSameListing(context, 'target', [nova])).rejects.toThrow('"status":"BUILD"')
  const says = await performAll(listedStep(context))
  expect(says).toMatch(/3 changed: volumes v1 gone, volumes v3 new, servers a changed/)
  // Performed again, as after a kill: the same result.
  expect(await performAll(listedStep(context))).toBe(says)
  expect(await proveSameListing(context, 'target', [nova, cinder])).toContain('2 volumes')
  lists = { ...ended(), servers: { a: server('ACTIVE'), b: server('ERROR') } }
  await expect(proveSameListing(context, 'target', [nova])).rejects.toThrow(/servers b: .*became .*ERROR/)
  lists = { ...ended(), servers: { a: server('SHUTOFF'), b: server('ACTIVE') } }
  await expect(proveSameListing(context, 'target', [nova])).rejects.toThrow(/servers a: .*"ACTIVE".*became .*SHUTOFF/)
  lists = { ...ended(), volumes: { v2: volume('in-use') } }
  await expect(proveSameListing(context, 'target', [cinder])).rejects.toThrow(/volumes v3: .* became missing/)
})

test('after a revert the old APIs must list what the databases contain now', async () => {
  await performAll(inventoryStep(context, []))
  await end()
  lists = ended()
  // Before the freeze was proved there is only the first listing.
  expect(await proveServing(context)).toMatch(/^same as before: .*changed in its databases since/)
  await performAll(listedStep(context))
  expect(await proveServing(context)).not.toContain('changed in its databases')
})

test('a change that ends during the listing is seen, on either side of it', async () => {
  meanwhile = end
  await performAll(inventoryStep(context, []))
  lists = ended()
  await performAll(listedStep(context))
  expect(await proveSameListing(context, 'target', [nova, cinder])).toContain('2 servers')
})

const folder = new URL('../fixtures/historic-schemas/', import.meta.url)
const releases = readdirSync(folder).filter((name) => !/README|rows|latin1/.test(name))

test.each(releases)('the rows behind the lists are found in the tables of %s', async (release) => {
  const rows = await db.db()
  const files = readdirSync(new URL(`${release}/`, folder)).map((file) => `${release}/${file.replace('.sql.gz', '')}`)
  const databases = []
  for (const file of files.filter((one) =>
    /\/(keystone|glance|cinder|neutron|nova|nova_api|placement|heat|barbican)(-\w+)?$/.test(one),
  ))
    databases.push({ name: await load(db, rows, file), repo: repoOf(file) })
  const survey = { services: [{ name: 'all', databases }] }
  const found = await askListedRows({ ...context, recipes, survey } as unknown as Context, 'p')
  const known = databases.map(({ repo }) => repo as string)
  const wanted = recipes
    .filter(({ name }) => known.includes(name))
    .flatMap(({ inventory }) => inventory.map(({ what }) => what as string))
  // In grizzly heat's stacks have no action: they stay as listed.
  const later = [
    ...(release === 'grizzly' ? ['stacks'] : []),
    'server groups',
    'subnet pools',
    'volume qualities',
    'regions',
  ]
  expect(wanted.filter((what) => found[what] === undefined && !later.includes(what))).toEqual([])
  for (const { name } of databases) await rows.run(`DROP DATABASE ${name}`)
})
