import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { perform } from '../src/engine/perform.ts'
import type { Action } from '../src/engine/step.ts'
import type { SwapError } from '../src/errors.ts'
import type { Host } from '../src/hosts/host.ts'
import { localHost } from '../src/hosts/local.ts'
import { type Bench, openBench } from './engine.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

const local = localHost()
const tools = (host: Host = local) => ({ hosts: () => host, fixups: async () => '12 of 40 rows' })
const owner = `${userInfo().uid}:${userInfo().gid}`
const write = (path: string, content: string, mode = '0640'): Action => ({
  kind: 'write',
  on: 'local',
  path,
  mode,
  owner,
  content,
})
const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )

test('a file is written with its mode, whatever its name and content', async () => {
  const path = join(bench.directory, 'new dir', "it's δ $(x).conf")
  const content = `first\n${'Zoë'.repeat(100_000)}\n$HOME \`id\` without newline`
  await perform(write(path, content), tools())
  expect((await readFile(path, 'utf8')) === content).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o640)
  await perform(write(path, '', '0600'), tools())
  expect(await readFile(path, 'utf8')).toBe('')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(bench.directory, 'new dir'))).toHaveLength(1)
})

test('a symbolic link is followed, not replaced', async () => {
  const path = join(bench.directory, 'plugin.ini')
  await writeFile(join(bench.directory, 'ml2.conf'), 'old')
  await symlink('ml2.conf', path)
  await perform(write(path, 'new'), tools())
  expect(await readlink(path)).toBe('ml2.conf')
  expect(await readFile(join(bench.directory, 'ml2.conf'), 'utf8')).toBe('new')
})

test('content that breaks off leaves the old file unchanged, and no temporary file', async () => {
  const path = join(bench.directory, 'nova.conf')
  await writeFile(path, 'old')
  const breaking: Host = {
    ...local,
    run: (command) =>
      local.run({ ...command, ...(command.stdin === undefined ? {} : { stdin: command.stdin.slice(0, 3) }) }),
  }
  const error = await failure(perform(write(path, 'new content'), tools(breaking)))
  expect(error.message).toContain('the content broke off')
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(bench.directory)).toEqual(['nova.conf'])
})

test('a file whose owner does not exist is not installed', async () => {
  const path = join(bench.directory, 'nova.conf')
  const error = await failure(perform({ ...write(path, 'x'), owner: 'nobody-here:nova' } as Action, tools()))
  expect(error.message).toMatch(/write .*nova\.conf exited 1:\n.*invalid user/)
  expect(await readdir(bench.directory)).toEqual([])
})

test('remove succeeds also when the path is gone already', async () => {
  const path = join(bench.directory, 'a dir')
  await mkdir(path)
  await writeFile(join(path, 'file'), '')
  await perform({ kind: 'remove', on: 'local', path }, tools())
  await perform({ kind: 'remove', on: 'local', path }, tools())
  expect(await readdir(bench.directory)).toEqual([])
})

test.each(['/', '/etc', '', 'relative/path', '/etc/nova/..', '/etc/nova/', '//etc'])(
  "'%s' is never removed",
  async (path) => {
    const error = await failure(
      perform({ kind: 'remove', on: 'local', path }, tools({ ...local, run: async () => expect.fail('it ran') })),
    )
    expect(error.message).toContain('refusing')
  },
)

const counter = (turns: number, code: number): Action => ({
  kind: 'exec',
  on: 'local',
  again: [1],
  argv: [
    'sh',
    '-c',
    'echo turn >> "$1"; test "$(wc -l < "$1")" -ge "$2" && exit "$3"; exit 1',
    'counter',
    bench.log,
    String(turns),
    String(code),
  ],
})

test('a command is repeated while its exit code asks for it, and that is reported', async () => {
  const told: string[] = []
  await perform(counter(3, 0), tools(), { progress: (text) => told.push(text) })
  expect(await bench.traces()).toHaveLength(3)
  expect(told).toHaveLength(2)
})

test('any other exit code fails it with its last output', async () => {
  const error = await failure(perform(counter(2, 2), tools()))
  expect(error).toMatchObject({ where: 'local', message: expect.stringMatching(/exited 2$/) })
  expect(await bench.traces()).toHaveLength(2)
})

test('a failing command is reported with its last lines, of stdout when stderr is empty', async () => {
  const say = (script: string) => failure(perform({ kind: 'exec', on: 'local', argv: ['sh', '-c', script] }, tools()))
  expect((await say('seq 1 100 >&2; echo no; exit 3')).message).toMatch(/exited 3:\n89\n(?:.*\n)*100$/)
  expect((await say('echo the reason; exit 3')).message).toMatch(/exited 3:\nthe reason$/)
})

test('a pipe reports progress as the receiving machine measures it', async () => {
  const told: string[] = []
  const action: Action = {
    kind: 'pipe',
    from: { on: 'local', argv: ['sh', '-c', 'for n in 1 2 3 4; do echo line; sleep 0.6; done'] },
    to: { on: 'local', argv: ['sh', '-c', 'cat > "$1"', 'keep', bench.log] },
    what: 'nova',
    bytes: 1000,
    measure: { on: 'local', argv: ['echo', '500 7'] },
  }
  await perform(action, tools(), { progress: (text) => told.push(text) })
  expect(await bench.traces()).toEqual(['line', 'line', 'line', 'line'])
  expect(told.at(-1)).toMatch(/^nova: 7 rows, 20 B sent, \d+ B\/s, about \d\.\d s left$/)
})

test('a fixup reports what it did', async () => {
  const told: string[] = []
  const action: Action = { kind: 'fixup', on: 'target', database: 'nova', fixup: 'portal', args: {} }
  await perform(action, tools(), { progress: (text) => told.push(text) })
  expect(told).toEqual(['12 of 40 rows'])
})

test('a fixup runs also without a listener', async () => {
  let done = 0
  const fixups = async () => `${++done}`
  await perform({ kind: 'fixup', on: 'target', database: 'nova', fixup: 'portal', args: {} }, { ...tools(), fixups })
  expect(done).toBe(1)
})

test('a machine that cannot be written to fails the script with its error', async () => {
  const directory = join(bench.directory, 'file')
  await writeFile(directory, '')
  await chmod(directory, 0o600)
  const error = await failure(perform(write(join(directory, 'x'), 'y'), tools()))
  expect(error.message).toMatch(/File exists|Not a directory/)
})

test('a program that prints its secret input does not reveal it', async () => {
  const stdin = 'value = "plain words"\n'
  const action: Action = { kind: 'exec', on: 'local', argv: ['sh', '-c', 'cat >&2; exit 1'], stdin, secret: true }
  const error = await failure(perform(action, tools()))
  expect(error.message).toMatch(/exited 1:\n\[REDACTED\]$/)
  const quoted: Action = { ...action, argv: ['sh', '-c', 'echo "bad: plain words" >&2; exit 1'] }
  expect((await failure(perform(quoted, tools()))).message).toMatch(/exited 1:\nbad: \[REDACTED\]$/)
})
