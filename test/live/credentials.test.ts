import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { credentialsSteps, forgetSteps } from '../../src/credentials/steps.ts'
import { describe as described } from '../../src/engine/describe.ts'
import { stateOf } from '../../src/engine/journal.ts'
import { perform } from '../../src/engine/perform.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute } from '../../src/engine/run.ts'
import type { Step } from '../../src/engine/step.ts'
import { localHost } from '../../src/hosts/local.ts'
import { verifyStep } from '../../src/plan/start.ts'
import { glanceRecipe as glance } from '../../src/services/glance/recipe.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import { inventoryStep, proveSameListing } from '../../src/source/inventory.ts'
import { credentialDifferences, credentialsSay, proveCredentials } from '../../src/verify/credentials.ts'
import { type Bench, openBench } from '../engine.ts'

interface Application {
  readonly id: string
  readonly name: string
  readonly secret: string
  readonly expires_at: string
  readonly roles: readonly { readonly id: string }[]
}
interface Credential {
  readonly id: string
  readonly type: string
  readonly blob: string
}

/** Paths of keystone's API, with variations of cloud and policy. Both sides are the same cloud here. */
let applications: Application[] = []
let credentials: Credential[] = []
let roles = ['admin', 'member', 'reader']
let project = 'p'
let knowsApplications = true
let allows = true
let lists = true
let ownKeys = true
/** number of further answers that are 503 */
let starting = 0
let asked: string[] = []
let server: Server
let directory: string
let context: Context
let bench: Bench

const tokenFor = (names: readonly string[]) => {
  const { port } = server.address() as AddressInfo
  const catalog = [{ type: 'identity', endpoints: [{ interface: 'public', url: `http://127.0.0.1:${port}/v3` }] }]
  const named = names.map((name) => ({ id: `id-${name}`, name }))
  return {
    catalog,
    expires_at: '2999-01-01T00:00:00.000000Z',
    user: { id: 'u' },
    project: { id: project },
    roles: named,
  }
}

const login = (body: string): readonly [number, unknown] => {
  const { identity } = JSON.parse(body).auth
  if (identity.methods[0] === 'password') {
    const { user } = identity.password
    return user.password === "p#s;'w" ? [201, { token: tokenFor(roles) }] : [401, {}]
  }
  const found = applications.find(({ id, secret }) => {
    const { id: wanted, secret: given } = identity.application_credential
    return id === wanted && secret === given
  })
  if (found === undefined) return [401, {}]
  return [201, { token: tokenFor(found.roles.map(({ id }) => id.replace('id-', ''))) }]
}

const applicationPath = '/v3/users/u/application_credentials'

const answerOf = (method: string, path: string, body: string): readonly [number, unknown] => {
  if (starting > 0) {
    starting -= 1
    return [503, {}]
  }
  if (method === 'POST' && path === '/v3/auth/tokens') return login(body)
  if (path.startsWith(applicationPath)) {
    if (!knowsApplications) return [404, {}]
    const id = path.slice(applicationPath.length + 1)
    if (method === 'DELETE') applications = applications.filter((one) => one.id !== id)
    if (method === 'DELETE') return [204, {}]
    if (!lists && method === 'GET') return [403, {}]
    if (method === 'GET') return [200, { application_credentials: applications.map(({ secret: _, ...one }) => one) }]
    if (!allows) return [403, {}]
    const wanted = JSON.parse(body).application_credential as Omit<Application, 'id'>
    if (applications.some(({ name }) => name === wanted.name)) return [409, {}]
    applications.push({ id: randomUUID(), ...wanted })
    return [201, {}]
  }
  if (path.startsWith('/v3/credentials')) {
    const id = /^\/v3\/credentials\/(.+)$/.exec(path)?.[1]
    if (method === 'DELETE') credentials = credentials.filter((one) => one.id !== id)
    if (method === 'DELETE') return [204, {}]
    if (method === 'POST' && allows) credentials.push({ id: randomUUID(), ...JSON.parse(body).credential })
    if (method === 'POST') return [allows ? 201 : 403, {}]
    if (!ownKeys) return [500, { error: { message: 'An unexpected error prevented the server' } }]
    const one = credentials.find((it) => it.id === id)
    if (id !== undefined) return one === undefined ? [404, {}] : [200, { credential: one }]
    return lists ? [200, { credentials }] : [403, {}]
  }
  const list = /^\/v3\/(?:auth\/)?(\w+)$/.exec(path)?.[1]
  return list === undefined ? [404, {}] : [200, { [list]: [] }]
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

beforeAll(async () => {
  server = createServer(async (request, answer) => {
    const body = await bodyOf(request)
    asked.push(`${request.method} ${request.url}`)
    const [status, document] = answerOf(request.method ?? '', request.url ?? '', body)
    answer.writeHead(status, { 'X-Subject-Token': 'token' })
    answer.end(status === 204 ? undefined : JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server?.close()
})

beforeEach(async () => {
  ;[applications, credentials, asked, roles, project] = [[], [], [], ['admin', 'member', 'reader'], 'p']
  ;[knowsApplications, allows, lists, ownKeys, starting] = [true, true, true, true, 0]
  directory = await mkdtemp(join(tmpdir(), 'swapctl-credentials-'))
  bench = await openBench()
  const openrc = join(directory, 'openrc')
  const { port } = server.address() as AddressInfo
  await writeFile(
    openrc,
    `# admin\nexport OS_AUTH_URL=http://127.0.0.1:${port}/v3/\nexport OS_USERNAME=admin\nexport OS_PASSWORD='p#s;'"'"'w'; export OS_PROJECT_NAME=admin\n`,
  )
  context = {
    config: { state: directory, name: 'test', source: { openrc } },
    hosts: () => localHost(),
    recipes: [keystone],
    survey: { services: [] },
  } as unknown as Context
})
afterEach(async () => {
  await bench?.close()
  await rm(directory, { recursive: true, force: true })
})

const step = (): Step => credentialsSteps(context, [])[0] ?? expect.fail('no step')
const engine = () => bench.engine({ hosts: context.hosts })
const file = () => join(directory, 'credentials.json')
const made = async () => execute([step()], await engine())
const says = async (): Promise<string> => {
  const done = (await bench.journal()).entries.findLast(
    (one) => one.event === 'done' && one.step.endsWith('/credentials'),
  )
  return (done as { says?: string } | undefined)?.says ?? ''
}

test('both are created once, with the weakest role and for seven days, and work on the target', async () => {
  await execute([inventoryStep(context, []), step()], await engine())
  expect(applications).toMatchObject([{ name: 'swapctl-test', roles: [{ id: 'id-reader' }] }])
  const days = (Date.parse(applications[0]?.expires_at ?? '') - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(6.9)
  expect(days).toBeLessThanOrEqual(7)
  expect(credentials.map(({ type }) => type)).toEqual(['swapctl'])
  expect(await says()).toMatch(/^application credential \S+, good until \S+; encrypted credential \S+$/)
  expect(await credentialDifferences(context, [keystone])).toEqual([])
  expect(await credentialsSay(context, [keystone])).toBe('')
  expect(await credentialsSay(context, [glance])).toBe('these services have no credentials')
  expect(await proveCredentials(context, keystone)).toEqual([
    'an application credential and an encrypted credential from before the freeze work',
  ])
  // The compared lists leave out what swapctl created.
  expect(await proveSameListing(context, 'target', [keystone])).toContain('0 credentials')
})

test('their secrets are in one file of mode 0600, and nowhere else', async () => {
  await made()
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  const kept = JSON.parse(await readFile(file(), 'utf8')) as { secret: string; blob: string }
  expect(kept.secret).toMatch(/^[\w-]{64}$/)
  const journal = JSON.stringify((await bench.journal()).entries)
  const plan = (await step().run()).flatMap((action) => described(action)).join('\n')
  const undo = (await step().undo()).flatMap((action) => described(action)).join('\n')
  for (const secret of [kept.secret, JSON.parse(kept.blob).random, "p#s;'w"]) {
    expect(`${journal}${plan}${undo}`).not.toContain(secret)
  }
  for (const action of await step().run())
    if (action.kind === 'exec') expect(action.argv.join(' ')).not.toMatch(/[\w-]{64}/)
})

test('interrupted after creating both and run again: one set, the one in the file', async () => {
  for (const action of await step().run()) await perform(action, await engine())
  const first = applications[0]?.id
  await made()
  expect([applications.length, credentials.length]).toEqual([1, 1])
  expect(applications[0]?.id).not.toBe(first)
  expect(await credentialDifferences(context, [keystone])).toEqual([])
})

test('the undo removes both, and touches nothing else', async () => {
  applications.push({ id: 'a', name: 'swapctl-test-2', secret: 's', expires_at: '', roles: [] })
  credentials.push({ id: 'c', type: 'ec2', blob: '{"made_by":"swapctl-test"}' })
  credentials.push({ id: 'd', type: 'swapctl', blob: '{"made_by":"swapctl-other"}' })
  await made()
  expect([applications.length, credentials.length]).toEqual([2, 3])
  await revertSteps([step()], await engine())
  expect(applications.map(({ id }) => id)).toEqual(['a'])
  expect(credentials.map(({ id }) => id)).toEqual(['c', 'd'])
  await expect(stat(file())).rejects.toThrow('ENOENT')
  expect(await credentialsSay(context, [keystone])).toBe('no credentials from before the freeze were kept')
})

test('other credential keys on the target fail the proof, which names their directory', async () => {
  await made()
  ownKeys = false
  const [found, ...more] = await credentialDifferences(context, [keystone])
  expect(more).toEqual([])
  expect(found).toMatchObject({
    part: 'credentials',
    service: 'keystone',
    says: expect.stringContaining('encrypted with other keys'),
    look: expect.stringContaining('/etc/keystone/credential-keys'),
  })
  await expect(proveCredentials(context, keystone)).rejects.toMatchObject({
    where: 'target',
    next: expect.stringContaining('/etc/keystone/credential-keys'),
  })
})

const verified = () => verifyStep(context, keystone, []).proof?.(() => {})

test('a starting keystone is waited for; wrong keys and a refused login are reported at once', async () => {
  await execute([inventoryStep(context, []), step()], await engine())
  starting = 1
  expect(await verified()).toContain('an application credential and an encrypted credential from before the freeze')
  asked = []
  ownKeys = false
  await expect(verified()).rejects.toThrow('encrypted with other keys')
  ;[ownKeys, applications] = [true, []]
  await expect(verified()).rejects.toThrow('cannot log in: keystone answered 401')
  expect(asked.filter((one) => /^GET .*credentials\/./.test(one)).length).toBe(2)
}, 240_000)

test('a changed or missing credential, and an application credential with another scope, more roles, or refused', async () => {
  await made()
  const said = async () => (await credentialDifferences(context, [keystone])).map((one) => one.says)
  const [kept] = credentials
  credentials = [{ ...(kept as Credential), blob: 'other' }]
  expect(await said()).toEqual(['has another value than was written'])
  credentials = []
  expect(await said()).toEqual(['is missing'])
  credentials = [kept as Credential]
  project = 'q'
  expect(await said()).toEqual(['was for project p and is now for q'])
  project = 'p'
  const [application] = applications
  applications = [{ ...(application as Application), roles: [{ id: 'id-admin' }] }]
  expect(await said()).toEqual(['had the roles id-reader and now has id-admin'])
  applications = []
  expect(await said()).toEqual([expect.stringMatching(/^cannot log in: keystone answered 401/)])
})

test('a keystone before queens, and one whose policy refuses: reported as missing, and the rest is tried', async () => {
  knowsApplications = false
  await made()
  expect(await says()).toMatch(/^encrypted credential \S+; no application credential: .* since queens \(v3\.10\)$/)
  expect(await credentialsSay(context, [keystone])).toContain('no application credential')
  expect(await proveCredentials(context, keystone)).toEqual([
    'an encrypted credential from before the freeze works',
    expect.stringContaining('no application credential'),
  ])
  await revertSteps([step()], await engine())
  ;[knowsApplications, allows] = [true, false]
  await made()
  expect(await says()).toMatch(/^no application credential: .*\(403\); no encrypted credential: .*\(403\)$/)
  // Each role was tried, because a weaker one may be refused.
  expect(asked.filter((one) => one === `POST ${applicationPath}`).length).toBe(3)
  expect(await credentialDifferences(context, [keystone])).toEqual([])
})

test('what an account may create but not list is not created, because it could not be found for deletion', async () => {
  lists = false
  await made()
  expect([applications, credentials]).toEqual([[], []])
  expect(await says()).toMatch(/^no application credential: .* list them \(403\).*; no encrypted credential: .*\(403\)/)
})

test("an expired application credential of a long swap is not the target's fault", async () => {
  await made()
  const kept = JSON.parse(await readFile(file(), 'utf8'))
  await writeFile(file(), JSON.stringify({ ...kept, expires: '2001-01-01T00:00:00.000000Z' }))
  applications = []
  expect(await credentialDifferences(context, [keystone])).toEqual([])
  expect(await credentialsSay(context, [keystone])).toBe(
    'the application credential expired at 2001-01-01T00:00:00.000000Z',
  )
})

test('finish deletes both on the target; with the source switched off it says what is left', async () => {
  await made()
  await execute(forgetSteps(context), await engine())
  expect([applications, credentials]).toEqual([[], []])
  expect(await says()).toBe('none left')
  await expect(stat(file())).rejects.toThrow('ENOENT')
  await bench.close()
  bench = await openBench()
  await made()
  await rm(join(directory, 'openrc'))
  await execute(forgetSteps(context), await engine())
  expect(await says()).toContain('openstack application credential delete swapctl-test')
  expect([applications.length, credentials.length]).toEqual([1, 1])
})

test('a refused keystone login stops the step before anything is created', async () => {
  const good = await readFile(join(directory, 'openrc'), 'utf8')
  await writeFile(join(directory, 'openrc'), good.replace('p#s', 'wrong'))
  await expect(made()).rejects.toThrow(/answered 401 to the login/)
  expect(stateOf(await bench.journal(), 'freeze/credentials')).toBe('failed')
  expect([applications, credentials]).toEqual([[], []])
})
