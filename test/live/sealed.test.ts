import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import type { Context } from '../../src/context.ts'
import type { Host } from '../../src/hosts/host.ts'
import { barbicanChecks } from '../../src/services/barbican/checks.ts'
import { barbicanRecipe } from '../../src/services/barbican/recipe.ts'
import { proveSealed, sealedDifferences, sealedSay } from '../../src/verify/sealed.ts'
import { load, startFast } from './historic.ts'
import type { Server } from './mariadb.ts'

/** The calls that opens.py makes of barbican's code, with the real cipher and a key from a file. */
const plugin = `import os
from cryptography.fernet import Fernet
class SimpleCryptoPlugin(object):
    def __init__(self):
        self.key = Fernet(open(os.path.join(os.path.dirname(__file__), 'kek')).read().strip())
    def _project(self, key):
        return Fernet(self.key.decrypt(key.plugin_meta.encode()))
    def encrypt(self, given, key, project):
        return self._project(key).encrypt(given.unencrypted)
    def decrypt(self, given, key, extended, project):
        return self._project(key).decrypt(given.encrypted)
`
const base = `class KEKMetaDTO(object):
    def __init__(self, row):
        for name in ('kek_label', 'plugin_name', 'algorithm', 'bit_length', 'mode', 'plugin_meta'):
            setattr(self, name, getattr(row, name))
class EncryptDTO(object):
    def __init__(self, unencrypted):
        self.unencrypted = unencrypted
class DecryptDTO(object):
    def __init__(self, encrypted):
        self.encrypted = encrypted
`

const make = `import base64
from cryptography.fernet import Fernet
kek, project = Fernet.generate_key(), Fernet.generate_key()
print(kek.decode())
print(Fernet(kek).encrypt(project).decode())
print(base64.b64encode(Fernet(project).encrypt(b'the payload')).decode())
print(Fernet.generate_key().decode())
`

let server: Server
let folder: string
let database: string
let kek: string
let otherKek: string

const crypto = () => join(folder, 'barbican/plugin/crypto')

beforeAll(async () => {
  server = await startFast()
  folder = await mkdtemp(join(tmpdir(), 'swapctl-sealed-'))
  await mkdir(crypto(), { recursive: true })
  for (const one of ['barbican', 'barbican/plugin', 'barbican/plugin/crypto'])
    await writeFile(join(folder, one, '__init__.py'), '')
  await writeFile(join(crypto(), 'simple_crypto.py'), plugin)
  await writeFile(join(crypto(), 'base.py'), base)
  const db = await server.db()
  database = await load(server, db, 'victoria/barbican')
  const [a = '', meta = '', cypher = '', b = ''] = execFileSync('python3', ['-c', make], { encoding: 'utf8' }).split(
    '\n',
  )
  kek = a
  otherKek = b
  const made = "NOW(), NOW(), 'ACTIVE', 0"
  const columns = 'created_at, updated_at, status, deleted'
  const own = 'barbican.plugin.crypto.simple_crypto.SimpleCryptoPlugin'
  await db.run(`USE ${database}`)
  await db.run(`INSERT INTO projects (id, external_id, ${columns}) VALUES ('p', 'ext', ${made})`)
  await db.run(
    `INSERT INTO kek_data (id, plugin_name, project_id, active, bind_completed, plugin_meta, ${columns}) VALUES ('k1', '${own}', 'p', 1, 1, '${meta}', ${made}), ('k2', '${own}', 'p', 1, 1, '${meta}', ${made}), ('not-bound', '${own}', 'p', 1, 0, NULL, ${made})`,
  )
  await db.run(`INSERT INTO secrets (id, project_id, ${columns}) VALUES ('s', 'p', ${made})`)
  await db.run(
    `INSERT INTO encrypted_data (id, secret_id, kek_id, cypher_text, ${columns}) VALUES ('e', 's', 'k1', '${cypher}', ${made})`,
  )
}, 60_000)
beforeEach(() => writeFile(join(crypto(), 'kek'), kek))
afterAll(async () => {
  await server?.stop()
  if (folder !== undefined && existsSync(folder)) await rm(folder, { recursive: true })
})

const sent: string[] = []
/** Runs as this user what runuser would run as the service's. */
const host = (): Host => ({
  ...server.host,
  run: async ({ argv, ...rest }) => {
    const [program, , , , ...words] = argv
    const own = program === 'runuser' ? words : argv
    const output = await server.host.run({ argv: ['env', `PYTHONPATH=${folder}`, ...own], ...rest })
    sent.push(output.stdout, output.stderr)
    return output
  },
})

const context = () =>
  ({
    survey: { services: [{ name: 'barbican', databases: [{ name: database, repo: 'barbican' }] }] },
    hosts: host,
    recipes: [barbicanRecipe],
  }) as unknown as Context & CheckContext

const say = async (id: string): Promise<readonly string[]> => {
  const check = barbicanChecks.find((one) => one.id === id) ?? expect.fail(`no check ${id}`)
  return (await check.ask(context())).map((one) => `${one.level}: ${one.says}`)
}

test('the key of the settings opens each project, with a secret or without one, and nothing of it is printed', async () => {
  expect(await sealedDifferences(context(), [barbicanRecipe])).toEqual([])
  expect(await sealedSay(context(), [barbicanRecipe])).toBe("2 projects' keys opened")
  expect(await proveSealed(context(), barbicanRecipe)).toEqual(["2 projects' keys opened"])
  expect(sent.join('')).not.toMatch(/the payload/)
  expect(sent.join('')).not.toContain(kek)
})

test('another key opens none: the proof names the projects and where the key is', async () => {
  await writeFile(join(crypto(), 'kek'), otherKek)
  expect((await sealedDifferences(context(), [barbicanRecipe])).map(({ where, says }) => `${where} ${says}`)).toEqual([
    'k1 cannot be read with the settings of the target (InvalidToken)',
    'k2 cannot be read with the settings of the target (InvalidToken)',
  ])
  await expect(proveSealed(context(), barbicanRecipe)).rejects.toThrow(/cannot be read on the target/)
})

test('barbican/key: the key of the source opens all, none, or nobody can try', async () => {
  expect(await say('barbican/key')).toEqual([])
  await writeFile(join(crypto(), 'kek'), otherKek)
  expect(await say('barbican/key')).toEqual([expect.stringMatching(/^block: 2 of 2 projects' keys cannot be read/)])
  await writeFile(join(crypto(), 'kek'), 'no key at all')
  expect(await say('barbican/key')).toEqual([expect.stringMatching(/^block: 2 of 2 .*ValueError/)])
  await rm(join(crypto(), 'simple_crypto.py'))
  expect(await say('barbican/key')).toEqual([expect.stringMatching(/^warn: barbican's code is not on the source/)])
  await writeFile(join(crypto(), 'simple_crypto.py'), plugin)
})

test('barbican/secret-store: a store of another kind holds secrets', async () => {
  expect(await say('barbican/secret-store')).toEqual([])
  const db = await server.db()
  const vault = 'barbican.plugin.vault_secret_store.VaultSecretStore'
  await db.run(
    `INSERT INTO ${database}.secret_store_metadata (id, secret_id, \`key\`, value, created_at, updated_at, status, deleted) VALUES ('m', 's', 'plugin_name', '${vault}', NOW(), NOW(), 'ACTIVE', 0)`,
  )
  expect(await say('barbican/secret-store')).toEqual([
    "block: secrets are in a store that is not in barbican's database: vault_plugin",
  ])
  await db.run(`UPDATE ${database}.secret_store_metadata SET deleted = 1`)
  expect(await say('barbican/secret-store')).toEqual([])
})
