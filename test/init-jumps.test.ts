import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askSays, type Says } from '../src/commands/init-jumps.ts'
import { type InitOptions, machinesIn } from '../src/commands/init-options.ts'
import { saysOf } from '../src/hosts/ssh-config.ts'

let directory: string
let options: InitOptions
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-jumps-'))
  for (const name of ['key', 'cloud'])
    await writeFile(join(directory, name), ssh2.utils.generateKeyPairSync('ed25519').private, { mode: 0o600 })
  const config = join(directory, 's.ini')
  options = { config, source: 'ctl1', target: '10.0.0.12', compute: [], release: 'epoxy', key: join(directory, 'key') }
})
afterAll(() => rm(directory, { recursive: true }))

const plain = 'user me\nhostname h\nport 22\nidentityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ed25519\n'
const said = (changes: Partial<ReturnType<typeof saysOf>>) => ({ ...saysOf(plain, plain), user: 'me', ...changes })
const says = (all: Readonly<Record<string, Partial<ReturnType<typeof saysOf>>>>): Says =>
  new Map(Object.entries(all).map(([host, one]) => [host, said({ host, ...one })]))

test("ssh's answer is read: its usual keys are no setting, none is no jump host", () => {
  expect(saysOf(plain, plain)).toEqual({ host: 'h', port: 22, user: 'me', keys: [], jumps: [] })
  const own = 'hostname 10.0.0.11\nport 2022\nuser adm\nidentityfile ~/.ssh/cloud\nproxyjump adm@b:2222,[fd00::1]:22\n'
  expect(saysOf(own, plain)).toEqual({
    host: '10.0.0.11',
    port: 2022,
    user: 'adm',
    keys: ['~/.ssh/cloud'],
    jumps: ['adm@b:2222', '[fd00::1]:22'],
  })
  expect(saysOf(`${plain}proxyjump none\n`, plain).jumps).toEqual([])
})

test("a host is reached as ssh reaches it; the command line's port and key come first, and the user stays root", () => {
  const keys = [join(directory, 'none'), join(directory, 'cloud')]
  const known = says({ ctl1: { host: '10.0.0.11', port: 2022, user: 'adm', keys }, '10.0.0.12': { keys } })
  expect(machinesIn(options, known).source).toEqual({
    name: 'source',
    user: 'root',
    host: '10.0.0.11',
    port: 2022,
    key: join(directory, 'key'),
  })
  const { key: _, ...keyless } = options
  const there = machinesIn({ ...keyless, source: 'adm@ctl1:23', key: undefined } as never, known).source
  expect(there).toMatchObject({ user: 'adm', port: 23, key: join(directory, 'cloud') })
})

test('jump hosts are passed in order; the first has a way of its own, and all log in as ssh would', () => {
  const known = says({
    ctl1: { jumps: ['b1', 'adm@b2:2222'] },
    b1: { host: '192.0.2.1', port: 2022, jumps: ['outer'] },
    b2: { jumps: ['never'] },
  })
  const way = ({ jump = [] }: ReturnType<typeof machinesIn>['source']) =>
    jump.map(({ name, user, host, port }) => [name, user, host, port])
  expect(way(machinesIn(options, known).source)).toEqual([
    ['outer', 'root', 'outer', 22],
    ['b1', 'me', '192.0.2.1', 2022],
    ['b2', 'adm', 'b2', 2222],
  ])
  expect(machinesIn(options, known).target.jump).toBeUndefined()
  const by = machinesIn({ ...options, jump: ['x@fd00::7'] }, known)
  expect([by.source, by.target].map(way)).toEqual([
    [['fd00-7-port-22', 'x', 'fd00::7', 22]],
    [['fd00-7-port-22', 'x', 'fd00::7', 22]],
  ])
})

test.each<readonly [string, Partial<InitOptions>, Says, RegExp]>([
  ['--jump', { jump: ['a b'] }, new Map(), /'a b' is not \[USER@\]HOST/],
  ['--jump', { jump: ['10.0.0.12'] }, new Map(), /leads through the target, which the swap fences off/],
  [
    '--jump',
    {},
    says({ ctl1: { jumps: ['b'] }, b: { host: '10.0.0.12' } }),
    /the way to the source leads through the target/,
  ],
  [
    'ProxyJump of your ssh_config',
    {},
    says({ ctl1: { jumps: ['b'] }, b: { jumps: ['ctl1'] } }),
    /the way to ctl1 leads through ctl1 again/,
  ],
  ['--target', {}, says({ ctl1: { host: '10.0.0.12' } }), /^10\.0\.0\.12 port 22 is the source itself/],
])('%s is judged before any machine is asked', (where, more, known, message) => {
  expect(() => machinesIn({ ...options, ...more }, known)).toThrow(
    expect.objectContaining({ where, exitCode: 2, message: expect.stringMatching(message) }),
  )
})

test("a file that ssh cannot read is told with ssh's words; 'none' reads no file", async () => {
  const file = join(directory, 'ssh_config')
  await writeFile(file, 'Host *\nNonsense yes\n')
  await expect(askSays(['ctl1'], file)).rejects.toMatchObject({ where: '--ssh-config', exitCode: 2 })
  await writeFile(file, 'Host ctl1\nProxyJump b1,b2\nHost b1\nProxyJump b0\n')
  expect([...(await askSays(['ctl1'], file)).keys()]).toEqual(['ctl1', 'b1', 'b2', 'b0'])
  expect((await askSays(['ctl1'], 'none')).get('ctl1')?.jumps).toEqual([])
})
