import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Step } from '../../src/engine/step.ts'
import type { Host, HostName } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { accountsStep } from '../../src/target/accounts.ts'
import { againSteps } from '../../src/target/again.ts'
import { configAgainStep, configStep } from '../../src/transfer/config-step.ts'
import { type Server, startMariadb } from './mariadb.ts'

const etc = '/mnt'
const local = localHost()

let source: Server
let target: Server
let folder: string
/** the option list that the target's packages print */
let options: string
let context: Context

beforeAll(async () => {
  options = await readFile(new URL('../fixtures/config/options/cinder.json', import.meta.url), 'utf8')
  ;[source, target] = await Promise.all([startMariadb(), startMariadb()])
  for (const server of [source, target]) await (await server.db()).run('CREATE DATABASE nova')
})
afterAll(() => Promise.all([source?.stop(), target?.stop()]))

/** This machine with its own folder as both sides' configuration, and without packages. */
const withFolder = (name: HostName, server: Server): Host => ({
  ...server.host,
  name,
  run: ({ argv, ...rest }) =>
    argv[0] === 'oslo-config-generator' || argv[0] === 'python3'
      ? Promise.resolve({ code: 0, stdout: argv[0] === 'python3' ? '["cinder"]' : options, stderr: '' })
      : local.run({
          argv: ['unshare', '-m', 'sh', '-c', `mount --bind "$0" ${etc} && exec "$@"`, join(folder, name), ...argv],
          ...rest,
        }),
})

const recipe = {
  name: 'nova',
  user: 'root',
  etc: [etc],
  release: { project: 'nova' },
  files: [{ path: `${etc}/nova.conf`, namespaces: ['cinder'] }],
  databases: [{ name: 'nova', repo: 'nova' }],
} as unknown as Recipe

const file = (side: string, name = 'nova.conf'): string => join(folder, side, name)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'again-'))
  for (const side of ['source', 'target', 'state']) await mkdir(join(folder, side))
  await writeFile(file('source'), '[DEFAULT]\nmy_ip = 10.0.0.1\n')
  await writeFile(file('target'), '[DEFAULT]\n')
  const side = { hostname: 'src', addresses: [] }
  context = {
    config: { file: 'x', state: join(folder, 'state'), release: 'epoxy', addresses: [], counterparts: [] },
    survey: {
      source: side,
      target: { ...side, hostname: 'tgt' },
      services: [{ name: 'nova', release: 'victoria', databases: [{ name: 'nova' }] }],
    },
    hosts: (name: HostName) => (name === 'local' ? local : withFolder(name, name === 'source' ? source : target)),
    recipes: [recipe],
  } as unknown as Context
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The number of actions it took, and the proof's result. */
const go = async (step: Step): Promise<readonly [number, string]> => {
  const actions = await step.run()
  for (const action of actions) await perform(action, { hosts: context.hosts, fixups: async () => '' })
  return [actions.filter((action) => !('on' in action) || action.on !== 'local').length, (await step.proof?.()) ?? '']
}

test('an option changed after the copy is copied again at the freeze and named; without changes nothing is done', async () => {
  const again = configAgainStep(context, recipe, [])
  await go(configStep(context, recipe))
  expect(await go(again)).toEqual([0, 'nothing has changed since the copy'])
  await writeFile(file('source'), '[DEFAULT]\nmy_ip = 10.0.0.2\n')
  const [count, says] = await go(again)
  expect(count).toBeGreaterThan(0)
  expect(says).toMatch(/^\/mnt\/nova\.conf copied again; /)
  expect(await readFile(file('target'), 'utf8')).toContain('my_ip = 10.0.0.2')
  // Files that are not copied are still named.
  await writeFile(file('source', 'policy.yaml'), '"a": "role:boss"\n')
  expect((await go(again))[1]).toMatch(/^\/mnt\/policy\.yaml copied again; .*policy/s)
})

test('for a secret only its digest is kept', async () => {
  await writeFile(file('source'), '[DEFAULT]\ntransport_url = rabbit://nova:s3cret-word@h/\n')
  await go(configStep(context, recipe))
  const kept = await readFile(join(folder, 'state', 'copied-nova.json'), 'utf8')
  expect(kept).toMatch(/^\{"\/mnt\/nova\.conf":"[0-9a-f]{64} \d+ root:root"\}/)
})

test('a file that still changes while everything is stopped fails the step by name', async () => {
  const again = configAgainStep(context, recipe, [])
  await go(configStep(context, recipe))
  for (const action of await again.run()) await perform(action, { hosts: context.hosts, fixups: async () => '' })
  await writeFile(file('source'), '[DEFAULT]\nmy_ip = 10.0.0.3\n')
  await expect(again.proof?.()).rejects.toThrow('/mnt/nova.conf')
})

test('a password, a right and an account that changed since prepare are copied again', async () => {
  const from = await source.db()
  await from.run("CREATE USER nova@'%' IDENTIFIED BY 'old'")
  await from.run("GRANT SELECT ON nova.* TO nova@'%'")
  await go(accountsStep(context))
  const accounts = againSteps(context, []).find(({ id }) => id === 'freeze/accounts') as Step
  expect((await go(accounts))[0]).toBe(0)
  await from.run("ALTER USER nova@'%' IDENTIFIED BY 'new'")
  await from.run("GRANT INSERT ON nova.* TO nova@'%'")
  await from.run("CREATE USER nova2@'%' IDENTIFIED BY 'x'")
  await from.run("GRANT ALL ON nova.* TO nova2@'%'")
  await expect(accounts.proof?.()).rejects.toThrow(/nova@% has another password|nova2@% is missing/)
  expect((await go(accounts))[0]).toBe(1)
  const hash = async (server: Server) =>
    (await server.db()).rows("SELECT user, authentication_string FROM mysql.user WHERE user LIKE 'nova%' ORDER BY user")
  expect(await hash(target)).toEqual(await hash(source))
})
