import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openJournal, stateOf } from '../../src/engine/journal.ts'
import type { Setting } from './crash-program.ts'
import { type Sshd, startSshd } from './machines.ts'

const root = resolve(import.meta.dirname, '../..')
let sshd: Sshd
let built: string

/** The program as plain JavaScript: it is killed for real, so it has to be a process of its own. */
const build = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'crash-'))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  const compilerOptions = { noEmit: false, rootDir: root, outDir: join(directory, 'out') }
  const files = [join(root, 'test/live/crash-program.ts')]
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', directory], { stdio: 'inherit' })
  return directory
}

beforeAll(async () => {
  sshd = await startSshd()
  built = build()
})
afterAll(async () => {
  await sshd?.stop()
  rmSync(built, { recursive: true })
})

type Die = NonNullable<Setting['die']>

/** Resolves with whether it was killed; fails on any other end than a good one. */
const start = (verb: 'execute' | 'revert', directory: string, takes: number, die?: Die): Promise<boolean> =>
  new Promise((done, reject) => {
    const setting: Setting = { machine: sshd.machine, directory, takes, ...(die === undefined ? {} : { die }) }
    const program = join(built, 'out/test/live/crash-program.js')
    execFile(process.execPath, [program, verb, JSON.stringify(setting)], (error, stdout, stderr) => {
      if (error === null || error.signal === 'SIGKILL') done(error !== null)
      else reject(new Error(`${verb} ended with ${error.code}\n${stdout}\n${stderr}`))
    })
  })

const made = ['four-piped', 'one-made', 'three-made', 'two-made']
const content = (directory: string) =>
  readdirSync(directory).filter((name) => !['journal.jsonl', 'conf'].includes(name))
const conf = (directory: string) => readFileSync(join(directory, 'conf'), 'utf8')

const crashOnce = async (after: Die['after'], count: number): Promise<boolean> => {
  const directory = join(built, `${after}-${count}`)
  mkdirSync(directory)
  writeFileSync(join(directory, 'conf'), 'old')
  // Longer than a new swapctl needs to begin: what was left behind is still under way then.
  const takes = after === 'command' ? 1.5 : 0
  const died = await start('execute', directory, takes, { after, count })
  expect(await start('execute', directory, takes)).toBe(false)
  const journal = await openJournal(join(directory, 'journal.jsonl'), 'crash')
  const ids = ['one/made', 'two/made', 'three/made', 'conf/written', 'four/piped']
  expect(ids.map((id) => stateOf(journal, id))).toEqual(ids.map(() => 'done'))
  expect(content(directory)).toEqual(made)
  expect(readFileSync(join(directory, 'four-piped'), 'utf8')).toBe('all of\nit\n')
  expect(conf(directory)).toBe('new')
  const diedAgain = await start('revert', directory, takes, { after, count })
  expect(await start('revert', directory, takes)).toBe(false)
  expect(content(directory)).toEqual([])
  expect(conf(directory)).toBe('old')
  return died || diedAgain
}

/** Every place to die, one after the other, until the program gets through without meeting it. */
const crashEverywhere = async (after: Die['after']): Promise<number> => {
  for (let count = 1; count < 100; count += 1) if (!(await crashOnce(after, count))) return count - 1
  return expect.fail('there are more than 100 places')
}

test('killed after any line of the journal, the same command finishes the work, and so does revert', {
  timeout: 300_000,
}, async () => {
  expect(await crashEverywhere('line')).toBe(10)
})

test('killed while any command runs on a machine, the same command waits for it and finishes the work', {
  timeout: 300_000,
}, async () => {
  expect(await crashEverywhere('command')).toBeGreaterThanOrEqual(6)
})
