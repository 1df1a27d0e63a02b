import { readdirSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { cutover } from '../src/commands/cutover.ts'
import { makeHop } from '../src/commands/hop-make.ts'
import { init } from '../src/commands/init.ts'
import { type InitOptions, machinesIn } from '../src/commands/init-options.ts'
import { migrate } from '../src/commands/migrate.ts'
import { report } from '../src/commands/report.ts'
import { verify } from '../src/commands/verify.ts'

let directory: string
let server: Server
let asked = 0
let given: InitOptions

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-init-'))
  server = createServer((socket) => {
    asked += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  const pair = ssh2.utils.generateKeyPairSync('ed25519')
  const locked = ssh2.utils.generateKeyPairSync('ed25519', { passphrase: 'x', cipher: 'aes256-ctr', rounds: 1 })
  const files = { key: pair.private, 'key.pub': pair.public, locked: locked.private, text: 'no key', empty: '' }
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o600 })
  await writeFile(join(directory, 'password'), 'x\n', { mode: 0o600 })
  await writeFile(join(directory, 'wrong'), 'y\n', { mode: 0o600 })
  await writeFile(join(directory, 'open'), 'x\n', { mode: 0o644 })
  await symlink(join(directory, 'nowhere'), join(directory, 'dangling'))
})
afterAll(async () => {
  server.close()
  await rm(directory, { recursive: true })
})
beforeEach(() => {
  asked = 0
  const { port } = server.address() as AddressInfo
  given = {
    config: join(directory, 'swapctl.ini'),
    source: `root@127.0.0.1:${port}`,
    target: `root@localhost:${port}`,
    compute: [],
    release: 'epoxy',
    key: join(directory, 'key'),
  }
})

const at = (name: string): string => join(directory, name)

test.each<readonly [string, () => Partial<InitOptions>, RegExp]>([
  ['--release', () => ({ release: 'epoxi' }), /^'epoxi' is not an OpenStack release/],
  ['--release', () => ({ release: '' }), /^'' is not an OpenStack release/],
  ['--key', () => ({ key: at('none') }), /cannot be read: ENOENT/],
  ['--key', () => ({ key: directory }), / is not a file$/],
  ['--key', () => ({ key: at('text') }), /text is not a private key that swapctl can use: /],
  ['--key', () => ({ key: at('empty') }), /empty is not a private key/],
  ['--key', () => ({ key: at('key.pub') }), /key\.pub is not a private key .*public/],
  ['source', () => ({ key: at('locked') }), /locked has a passphrase, and there is no terminal/],
  ['source', () => ({ key: at('locked'), keyPassphraseFile: at('wrong') }), /wrong is not that of .*locked$/],
  ['--key-passphrase-file', () => ({ keyPassphraseFile: at('open') }), /must have 0600/],
  ['--key-passphrase-file', () => ({ keyPassphraseFile: at('empty') }), /must have one line, the passphrase/],
  ['--source', () => ({ source: 'root@a..b' }), /is not \[USER@\]HOST/],
  ['--target', () => ({ target: '' }), /is not \[USER@\]HOST/],
  ['--target', () => ({ target: given.source }), /^127\.0\.0\.1 port \d+ is the source itself/],
  ['--compute', () => ({ compute: ['cmp1'] }), /^'cmp1' is not NAME=/],
  ['--compute', () => ({ compute: ['cmp_1=h'] }), /^'cmp_1=h' is not NAME=/],
  ['--compute', () => ({ compute: [`${'c'.repeat(254)}=h`] }), /is not NAME=/],
  ['--compute', () => ({ compute: ['cmp1=h=i'] }), /^'h=i' is not \[USER@\]HOST/],
  ['--compute', () => ({ compute: ['cmp1=h1', 'cmp1=h2'] }), /^cmp1 is given twice/],
  ['--compute', () => ({ compute: ['cmp1=H:22', 'cmp2=h'] }), /^h port 22 is given twice/],
  ['--become', () => ({ become: 'su' }), /^'su' is not sudo/],
  ['--become-password-file', () => ({ becomePasswordFile: at('password') }), /without --become/],
  ['--become-password-file', () => ({ become: 'sudo', becomePasswordFile: at('open') }), /must have 0600/],
  ['--become-password-file', () => ({ become: 'sudo', becomePasswordFile: at('empty') }), /must have one line/],
  ['--config', () => ({ config: at('none/swapctl.ini') }), /none is not a directory/],
  ['text', () => ({ config: at('text') }), /already exists/],
  ['dangling', () => ({ config: at('dangling') }), /already exists/],
])('%s is judged before any machine is asked', async (where, wrong, message) => {
  const before = readdirSync(directory)
  const error: unknown = await init({ ...given, ...wrong() }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ where: expect.stringContaining(where), exitCode: 2 })
  expect(error).toMatchObject({ message: expect.stringMatching(message), next: expect.stringMatching(/./) })
  expect(asked).toBe(0)
  expect(readdirSync(directory)).toEqual(before)
})

test('a command line that is right goes on to ask the machines', async () => {
  await expect(init(given)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('no ssh server') })
  expect(asked).toBeGreaterThan(0)
  const { source, computes } = machinesIn({ ...given, compute: ['cmp1.example.com=adm@h:2222'], become: 'sudo' })
  expect([source.name, source.become, source.key]).toEqual(['source', undefined, given.key])
  expect(computes).toEqual([
    { name: 'cmp1.example.com', user: 'adm', host: 'h', port: 2222, key: given.key, become: {} },
  ])
})

const options = { config: '/nowhere/swapctl.ini' }
test.each([
  ['--service', () => migrate({ ...options, service: ['novva'], patience: 1 })],
  ['--service', () => verify({ ...options, service: ['novva'] })],
  ['--output', () => report({ ...options, output: at('none/report.html') })],
  ['--output', () => report({ ...options, output: directory })],
  ['--postpone-file', () => cutover({ ...options, retries: 0, postponeFile: at('none/file') })],
  ['--panic-file', () => cutover({ ...options, retries: 0, panicFile: at('none/file') })],
  ['--keyring', () => makeHop('zed', { service: [], mirror: 'http://localhost/', keyring: at('none') })],
])('%s of other commands is judged before the settings are read', async (where, run) => {
  await expect(run()).rejects.toMatchObject({ where, exitCode: 2 })
})
