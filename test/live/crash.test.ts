import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openJournal, stateOf } from '../../src/engine/journal.ts'
import { long } from '../long.ts'
import { type Built, build } from './build.ts'
import type { Setting } from './crash-program.ts'
import { type Sshd, startSshd } from './machines.ts'

/** It is killed at each place, or at every third. */
const every = long ? 1 : 3

let sshd: Sshd
let built: Built

beforeAll(async () => {
  sshd = await startSshd()
  built = build('test/live/crash-program.ts')
})
afterAll(async () => {
  await sshd?.stop()
  built.remove()
})

type Die = NonNullable<Setting['die']>

/** Resolves with whether it was killed; fails on any other exit but 0. */
const start = (verb: 'execute' | 'revert', directory: string, takes: number, die?: Die): Promise<boolean> =>
  new Promise((done, reject) => {
    const setting: Setting = { machine: sshd.machine, directory, takes, ...(die === undefined ? {} : { die }) }
    const program = built.path
    execFile(process.execPath, [program, verb, JSON.stringify(setting)], (error, stdout, stderr) => {
      if (error === null || error.signal === 'SIGKILL') done(error !== null)
      else reject(new Error(`${verb} ended with ${error.code}\n${stdout}\n${stderr}`))
    })
  })

const made = ['four-piped', 'one-made', 'three-made', 'two-made']
const content = (directory: string) =>
  readdirSync(directory).filter((name) => !['journal.jsonl', 'journal.jsonl.lines', 'conf'].includes(name))
const conf = (directory: string) => readFileSync(join(directory, 'conf'), 'utf8')

const crashOnce = async (after: Die['after'], count: number): Promise<boolean> => {
  const directory = join(built.directory, `${after}-${count}`)
  mkdirSync(directory)
  writeFileSync(join(directory, 'conf'), 'old')
  // Longer than a new swapctl needs to start, so that the leftover program is still running.
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

/** Places to crash, one after the other, until the program completes without reaching the next; resolves with them. */
const crashAt = async (after: Die['after']): Promise<readonly number[]> => {
  const places: number[] = []
  for (let count = 1; count < 100; count += every) {
    if (!(await crashOnce(after, count))) return places
    places.push(count)
  }
  return expect.fail('there are more than 100 places')
}

test('killed after a line of the journal, the same command finishes the work, and so does revert', {
  timeout: 1_800_000,
}, async () => {
  expect((await crashAt('line')).at(-1)).toBe(10)
})

test('killed while a command runs on a machine, the same command waits for it and finishes the work', {
  timeout: 1_800_000,
}, async () => {
  expect((await crashAt('command')).at(-1)).toBeGreaterThanOrEqual(6 - every + 1)
})
