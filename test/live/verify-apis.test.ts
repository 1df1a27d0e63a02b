import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import { localHost } from '../../src/hosts/local.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import { inventoryStep } from '../../src/source/inventory.ts'
import { inventoryDifferences, inventorySays } from '../../src/verify/inventory.ts'
import { proveTokens, tokenDifferences, tokensSay } from '../../src/verify/tokens.ts'

/** The APIs' answers of the single cloud; a token is valid until revoked. */
let blob = 'first-blob'
let good: ReadonlySet<string> = new Set()
let expires = '2999-01-01T00:00:00.000000Z'
let issued = 0
let server: Server
let directory: string
let context: Context

const lists = (): Readonly<Record<string, unknown>> => ({
  '/v3/domains': { domains: [{ id: 'default', name: 'Default', enabled: true }] },
  '/v3/projects': { projects: [{ id: 'p', name: 'demo', enabled: true }] },
  '/v3/users': { users: [] },
  '/v3/groups': { groups: [] },
  '/v3/regions': { regions: [] },
  '/v3/services': { services: [] },
  '/v3/roles': { roles: [] },
  '/v3/credentials': { credentials: [{ id: 'c', type: 'ec2', user_id: 'u', blob }] },
  '/v3/auth/projects': { projects: [] },
})

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verify-apis-'))
  server = createServer((asked, answer) => {
    asked.resume()
    const port = (server.address() as AddressInfo).port
    if (asked.method === 'POST') {
      issued += 1
      const token = `token-${issued}`
      good = new Set([...good, token])
      const catalog = [{ type: 'identity', endpoints: [{ interface: 'public', url: `http://127.0.0.1:${port}` }] }]
      answer.writeHead(201, { 'X-Subject-Token': token })
      answer.end(JSON.stringify({ token: { catalog, expires_at: expires } }))
      return
    }
    const list = lists()[asked.url ?? '']
    answer.writeHead(good.has(String(asked.headers['x-auth-token'])) ? (list === undefined ? 404 : 200) : 401)
    answer.end(JSON.stringify(list ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const openrc = join(directory, 'openrc')
  const { port } = server.address() as AddressInfo
  await writeFile(
    openrc,
    `export OS_AUTH_URL=http://127.0.0.1:${port}/v3\nexport OS_USERNAME=admin\nexport OS_PASSWORD=x\nexport OS_PROJECT_NAME=admin\n`,
  )
  context = {
    config: { state: directory, name: 'test', source: { openrc } },
    hosts: () => localHost(),
    recipes: [keystone],
    survey: { services: [] },
  } as unknown as Context
})
afterAll(async () => {
  server?.close()
  await rm(directory, { recursive: true, force: true })
})

const tools = { hosts: () => localHost(), fixups: async () => '' }

beforeEach(async () => {
  blob = 'first-blob'
  expires = '2999-01-01T00:00:00.000000Z'
  await rm(join(directory, 'journal.jsonl'), { force: true })
  const step = inventoryStep(context, [])
  for (const action of await step.run()) await perform(action, tools)
  expect(await step.proof?.()).toBe(
    '1 domains, 1 projects, 0 users, 0 groups, 0 regions, 0 services, 0 roles, 1 credentials',
  )
})

test('the same cloud: nothing differs, and the old token is valid', async () => {
  expect(await inventoryDifferences(context, [keystone])).toEqual([])
  expect(await tokenDifferences(context, [keystone])).toEqual([])
  expect(await proveTokens(context, keystone)).toEqual(['a token from before the freeze works'])
})

test('a credential that decrypts to something else is a difference, and its content is not shown', async () => {
  blob = 'garbled-blob'
  const [found, ...more] = await inventoryDifferences(context, [keystone])
  expect(more).toEqual([])
  expect(found).toMatchObject({
    service: 'keystone',
    where: 'credentials c',
    look: expect.stringContaining('/v3/credentials'),
  })
  expect(found?.says).toMatch(/"blob":"[0-9a-f]{64}".* became .*"blob":"[0-9a-f]{64}"/)
  expect(await readFile(join(directory, 'inventory.json'), 'utf8')).not.toContain('first-blob')
})

test('a target that does not accept the old token, although it issues its own', async () => {
  good = new Set()
  const found = await tokenDifferences(context, [keystone])
  expect(found).toMatchObject([{ part: 'tokens', service: 'keystone', says: expect.stringContaining('answered 401') }])
  expect(JSON.stringify(found)).not.toContain(`token-${issued - 1}`)
  await expect(proveTokens(context, keystone)).rejects.toThrow('keystone refuses it')
})

test('an expired token proves nothing about the target', async () => {
  expires = '2001-01-01T00:00:00.000000Z'
  for (const action of await inventoryStep(context, []).run()) await perform(action, tools)
  good = new Set()
  expect(await tokenDifferences(context, [keystone])).toEqual([])
  expect(await tokensSay(context)).toBe('the token from before the freeze expired at 2001-01-01T00:00:00.000000Z')
})

test('the token is readable by the operator only, never shown, and gone after a revert', async () => {
  const path = join(directory, 'token.json')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const step = inventoryStep(context, [])
  expect((await step.run()).find((action) => action.kind === 'write' && action.path === path)).toMatchObject({
    secret: true,
  })
  for (const action of await step.undo()) await perform(action, tools)
  await expect(stat(path)).rejects.toThrow('ENOENT')
  expect(await tokenDifferences(context, [keystone])).toEqual([])
  expect(await tokensSay(context)).toBe('no token from before the freeze was kept')
})

test("once the target serves, changes are reported and are not the swap's fault", async () => {
  blob = 'new-blob'
  const at = new Date().toISOString()
  const entries = [
    { event: 'opened', version: 1, swap: 'test' },
    { event: 'begun', step: 'cutover/move', phase: 'cutover', title: 'Move', machines: [], undo: [] },
    { event: 'done', step: 'cutover/move' },
  ]
  await writeFile(
    join(directory, 'journal.jsonl'),
    entries.map((one) => `${JSON.stringify({ ...one, at })}\n`).join(''),
  )
  expect(await inventoryDifferences(context, [keystone])).toEqual([])
  expect(await inventorySays(context, [keystone])).toMatch(
    /^the target serves: since the freeze 0 new, 0 gone, 1 changed; credentials c: /,
  )
})
