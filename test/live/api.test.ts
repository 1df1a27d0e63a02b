import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listInventory } from '../../src/api/list.ts'
import { readOpenrc } from '../../src/api/openrc.ts'
import { readOpenrcText } from '../../src/api/openrc-text.ts'
import { readAccess } from '../../src/api/read.ts'
import { type Api, openApi } from '../../src/api/session.ts'
import type { CheckContext } from '../../src/ask/check.ts'
import { apiChecks } from '../../src/checks/apis.ts'
import type { Context } from '../../src/context.ts'
import { forgetAction, makeAction } from '../../src/credentials/program.ts'
import { perform } from '../../src/engine/perform.ts'
import { localHost } from '../../src/hosts/local.ts'
import { recipes } from '../../src/services/index.ts'
import type { Inventory } from '../../src/services/recipe.ts'
import { openAdmin } from '../../src/source/inventory.ts'
import { type HttpsCloud, startCloud } from './cloud-https.ts'
import { type Side, startSide } from './sides.ts'

/** The source has its own /root and /etc/openstack, whose files the target does not have. */
let source: Side
let cloud: HttpsCloud
const target = { ...localHost(), name: 'target' as const }

beforeAll(async () => {
  source = await startSide('source', ['/root', '/etc/openstack'])
  cloud = await startCloud()
}, 120_000)
afterAll(async () => {
  await source?.stop()
  await cloud?.stop()
})

const put = async (path: string, text: string): Promise<void> => {
  const { code } = await source.host.run({ argv: ['sh', '-c', 'cat > "$1"', 'put', path], stdin: text })
  expect(code).toBe(0)
}
const rc = async (text: string): Promise<string> => {
  await put('/root/openrc', text)
  return '/root/openrc'
}
const admin = (more = '') =>
  `export OS_AUTH_URL=${cloud.url}/v3\nexport OS_USERNAME=admin OS_PASSWORD=right\nexport OS_PROJECT_NAME=admin\n${more}`
const withCa = (more = '') => admin(`export OS_CACERT=/root/ca.pem\n${more}`)

beforeEach(async () => {
  await put('/root/ca.pem', readFileSync(join(cloud.directory, 'ca.pem'), 'utf8'))
  Object.assign(cloud.state, { catalog: undefined, things: 3, most: 1000, special: () => undefined, password: 'right' })
  cloud.asked.length = 0
})
afterEach(async () => {
  await source.sh('rm -f /root/openrc /root/*.yaml /etc/openstack/*')
})

const open = async (text: string): Promise<Api> =>
  openApi(target, await readAccess({ ...source.host, name: 'source' }, await rc(text)))

test('a CA that only the source has is used from the target, and no file of it is left there', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tmp.'))
  const api = await open(withCa())
  expect(api.scope.user).toBe('u')
  expect(await api.get('image', '/v2/images')).toMatchObject({ images: expect.any(Array) })
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tmp.'))).toEqual(before)
  await expect(open(admin())).rejects.toMatchObject({ next: expect.stringContaining('OS_CACERT'), final: true })
})

test('OS_INSECURE is interpreted as in openstackclient', async () => {
  expect((await open(admin('export OS_INSECURE=true\n'))).scope.user).toBe('u')
  await expect(open(admin('export OS_INSECURE=1\n'))).rejects.toThrow(/certificate/)
})

test('a client certificate and key are read on the source and used from the target', async () => {
  const strict = await startCloud({ clients: true })
  try {
    for (const name of ['ca.pem', 'client.pem', 'client.key'])
      await put(`/root/${name}`, readFileSync(join(strict.directory, name), 'utf8'))
    const text = withCa().replace(cloud.url, strict.url)
    const own = 'export OS_CERT=/root/client.pem\nexport OS_KEY=/root/client.key\n'
    expect((await open(`${text}${own}`)).scope.user).toBe('u')
    await expect(open(text)).rejects.toThrow()
  } finally {
    await strict.stop()
  }
})

test('a CA file that is missing or invalid is reported with its variable', async () => {
  await expect(open(admin('export OS_CACERT=/root/no.pem\n'))).rejects.toMatchObject({
    where: 'source: /root/no.pem',
    message: 'OS_CACERT: the file is not there',
  })
  await expect(open(admin('export OS_CACERT=/root/openrc\n'))).rejects.toThrow('holds no PEM')
})

test('of two regions the one in the file is used; without one the command is refused', async () => {
  cloud.state.catalog = (url) => [
    {
      type: 'compute',
      endpoints: ['One', 'Two'].map((region_id) => ({
        interface: 'public',
        url: `${url}/compute/${region_id}`,
        region_id,
      })),
    },
  ]
  const api = await open(withCa('export OS_REGION_NAME=Two\n'))
  await api.get('compute', '/servers')
  expect(cloud.asked.at(-1)).toBe('GET /compute/Two/servers')
  const none = await open(withCa())
  await expect(none.get('compute', '/servers')).rejects.toThrow("several regions, 'One', 'Two'")
  const third = await open(withCa('export OS_REGION_NAME=Three\n'))
  await expect(third.get('compute', '/servers')).rejects.toThrow("in region 'Three'; it has one in 'One', 'Two'")
})

test('clouds.yaml, secure.yaml and a profile are merged; the openrc file takes precedence', async () => {
  await put(
    '/etc/openstack/clouds.yaml',
    `clouds:\n  mine:\n    profile: house\n    auth: {username: admin, project_id: p}\n    cacert: ~/ca.pem\n`,
  )
  await put('/etc/openstack/secure.yaml', 'clouds:\n  mine:\n    auth: {password: right}\n')
  await put('/etc/openstack/clouds-public.yaml', `public-clouds:\n  house:\n    auth: {auth_url: "${cloud.url}/v3"}\n`)
  expect((await open('export OS_CLOUD=mine\n')).scope.user).toBe('u')
  expect(cloud.bodies.at(-1)).toContain('"scope":{"project":{"id":"p"}}')
  await expect(open('export OS_CLOUD=mine\nexport OS_PASSWORD=wrong\n')).rejects.toThrow('keystone answered 401')
  await expect(open('export OS_CLOUD=other\n')).rejects.toThrow("has no cloud 'other'")
  await put('/root/clouds.yaml', 'clouds: {mine: {auth: {auth_url: "http://127.0.0.1:1"}}}\n')
  await expect(open('export OS_CLOUD=mine\n')).rejects.toThrow('OS_USERNAME or OS_USER_ID is missing')
})

const inventory: readonly Inventory[] = recipes.flatMap((recipe): readonly Inventory[] => recipe.inventory)

test('every list of every service is read completely, over pages smaller than requested', async () => {
  Object.assign(cloud.state, { things: 1203, most: 500 })
  const api = await open(withCa())
  for (const most of [500, 400]) {
    for (const item of inventory) {
      // These return everything at once, whatever limit is set.
      const whole = item.type === 'identity' || item.type === 'placement' || /aggregates|hypervisors/.test(item.path)
      cloud.state.most = whole ? 100_000 : most
      expect([item.what, Object.keys(await listInventory(api, item)).length]).toEqual([item.what, 1203])
    }
  }
  cloud.state.most = 1000
  const users = inventory.find(({ what }) => what === 'users')
  if (users === undefined) expect.fail('no users')
  await expect(listInventory(api, users)).rejects.toThrow('is truncated (list_limit')
}, 600_000)

test('the program that creates and deletes credentials on the source uses the same TLS settings', async () => {
  const access = await readAccess(source.host, await rc(withCa()))
  const made = { secret: 's', blob: '{}', expires: '2999-01-01T00:00:00.000000Z' }
  const file = join(cloud.directory, 'access.json')
  writeFileSync(file, JSON.stringify({ ...access, limit: 60, made }))
  cloud.state.special = (path) => (path.includes('credentials') ? [403, {}] : undefined)
  const tools = { hosts: () => source.host, fixups: async () => '' }
  await perform(makeAction(file, 'swapctl-x'), tools)
  expect(cloud.asked).toContain('GET /v3/credentials?type=swapctl')
  writeFileSync(file, JSON.stringify({ ...access, tls: { insecure: true }, limit: 60, made }))
  await perform(forgetAction('source', file, 'swapctl-x'), tools)
  rmSync(file)
  cloud.asked.length = 0
  // The file is gone: the credentials were deleted, and the undo was interrupted afterwards.
  await perform(forgetAction('source', file, 'swapctl-x'), tools)
  expect(cloud.asked).toEqual([])
})

const samples = [
  "export OS_PASSWORD='adm in #1;%@/'\"'\"'\"x'\n",
  'export OS_PASSWORD=a#b OS_B="x \\" \\$ y" # c\n',
  '#export OS_AUTH_URL=http://old\nOS_A=1; OS_B=2; unset OS_A\n',
  'set -x\nexport OS_A=a\\ b\\\n  OS_B=c\n',
  "export OS_A=a$ OS_B='1  2' OS_C=\"b\\c\"\nexport PS1='[\\u@\\h]\\$ '\n",
  'OS_A=%^+,.:@/=-!\nOS_B=\n',
]

test.each(samples)('parsing and shell agree: %j', async (text) => {
  const { values, open: unknown, foreign } = readOpenrcText(text)
  expect([unknown, foreign]).toEqual([[], []])
  // One line that only a shell understands sends the whole file to a shell.
  const shell = await readOpenrc(source.host, await rc(`X=1\nexport OS_SHELL=$X\n${text}`))
  expect(shell).toEqual({ ...values, OS_SHELL: '1' })
})

test('what is not literal is evaluated by a shell on the source, which runs nothing else', async () => {
  await put('/root/.pw', 'p$w\n')
  await put('/root/common', 'OS_PROJECT_NAME=admin\n')
  const text = `P=abc\nexport OS_A=$P OS_B=\${NONE:-b} OS_C=~/x OS_D="$(cat /root/.pw)"\n. /root/common\necho out; echo err >&2\n`
  expect(await readOpenrc(source.host, await rc(text))).toEqual({
    OS_A: 'abc',
    OS_B: 'b',
    OS_C: `${process.env['HOME']}/x`,
    OS_D: 'p$w',
    OS_PROJECT_NAME: 'admin',
  })
  await expect(readOpenrc(source.host, await rc('export OS_A=$X\ntouch /root/ran\n'))).rejects.toThrow('touch (line 2)')
  expect(await source.sh('ls /root')).not.toContain('ran')
})

test.each([
  [
    'a prompt',
    'echo "Password: "\nread -sr X\nexport OS_PASSWORD=$X\n',
    /OS_PASSWORD \(line 3\).*Does the file prompt/,
  ],
  ['a prompt at the terminal', 'read X < /dev/tty\nexport OS_PASSWORD="$X"\n', /OS_PASSWORD \(line 2\)/],
  ['a command that fails', 'export OS_PASSWORD=$(no-such-program)\n', /OS_PASSWORD \(line 1\)/],
  ['a shell that ends', `export OS_A=$X\nOS_B=\${X:?none}\n`, /does not reach the end of the file/],
  ['a file of Windows', 'export OS_AUTH_URL=http://c\r\nexport OS_A=b\r\n', /OS_AUTH_URL holds a control character/],
  ['a clouds.yaml', 'clouds:\n  a: {}\n', /is a clouds.yaml/],
])('%s does not hang, and is reported without a value', async (_, text, message) => {
  await expect(readOpenrc(source.host, await rc(text))).rejects.toMatchObject({
    message: expect.stringMatching(message),
  })
})

test('a file that never ends is stopped', async () => {
  const text = 'export OS_A=$X\nwhile true; do :; done\n'
  await expect(readOpenrc(source.host, await rc(text))).rejects.toThrow('did not reach the end of the file in 30 s')
})

test("openAdmin reads the settings' openrc file on the source, wherever it logs in", async () => {
  await rc(withCa())
  const config = { source: { openrc: '/root/openrc' }, limits: { api: 60 } }
  const context = { config, hosts: (name: string) => (name === 'source' ? source.host : target) } as unknown as Context
  expect((await openAdmin(context, 'target')).types).toContain('compute')
})

const found = async (id: string, text: string, more: Partial<CheckContext> = {}): Promise<readonly string[]> => {
  const config = { source: { openrc: await rc(text) } }
  const context = { config, recipes, hosts: () => source.host, ...more } as unknown as CheckContext
  const check = apiChecks.find((one) => one.id === id) ?? expect.fail(`no check ${id}`)
  return (await check.ask(context)).map((one) => `${one.level}: ${one.says}`)
}

test('source/openrc logs in, and reports what prevents it', async () => {
  expect(await found('source/openrc', withCa())).toEqual([])
  expect(await found('source/openrc', withCa('export OS_PASSWORD=wrong\n'))).toEqual([
    `block: source: ${cloud.url}/v3/auth/tokens: keystone answered 401`,
  ])
  expect(await found('source/openrc', admin())).toEqual([expect.stringMatching(/^block: .*certificate/)])
  expect(await found('source/openrc', admin('export OS_INSECURE=true\n'))).toEqual([
    'warn: /root/openrc disables certificate verification, which swapctl does not support',
  ])
  expect(await found('source/openrc', 'hello\n')).toEqual([expect.stringContaining('hello (line 1)')])
  expect(await found('source/openrc', 'export A=1\n')).toEqual([expect.stringContaining('OS_AUTH_URL is missing')])
  cloud.state.roles = ['member', 'reader']
  cloud.state.catalog = () => []
  expect(await found('source/openrc', withCa())).toEqual([
    expect.stringContaining("does not have the role 'admin', only: member, reader"),
    expect.stringContaining('has no catalog'),
  ])
  cloud.state.roles = ['admin']
  expect(await found('source/apis', admin())).toEqual([])
})

test('source/apis: each service in the region, its light list and the first page of each list', async () => {
  expect(await found('source/apis', withCa())).toEqual([])
  cloud.state.special = (path) =>
    path.startsWith('/network') ? [403, {}] : path.startsWith('/image') ? [200, { nothing: [] }] : undefined
  expect(await found('source/apis', withCa())).toEqual([
    expect.stringMatching(/GET \/v2\/images\?limit=500: the answer has no list 'images'/),
    expect.stringMatching(/network.* answered 403/),
  ])
  cloud.state.special = () => undefined
  cloud.state.catalog = (url) =>
    ['identity', 'compute', 'network', 'image', 'volumev3', 'orchestration', 'placement', 'key-manager'].map(
      (type) => ({
        type,
        endpoints: [{ interface: 'public', url: `${url}/${type}`, region_id: type === 'compute' ? 'Two' : 'One' }],
      }),
    )
  expect(await found('source/apis', withCa('export OS_REGION_NAME=One\n'))).toEqual([
    expect.stringContaining(
      "nova: the catalog has no public endpoint of type 'compute' in region 'One'; it has one in 'Two'",
    ),
  ])
})
