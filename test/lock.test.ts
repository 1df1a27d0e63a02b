import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeLock } from '../src/engine/lock.ts'

let state: string
let file: string
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'lock-'))
  file = join(state, 'lock')
})
afterEach(() => rm(state, { recursive: true }))

/** A lock as this machine writes it, with some fields changed. */
const holder = async (fields: object) => {
  const release = await takeLock(state, 'migrate')
  const mine = JSON.parse(await readFile(file, 'utf8'))
  await release()
  await writeFile(
    file,
    JSON.stringify({ ...mine, user: 'ann', pid: 1, started: '', at: 'noon', command: 'migrate', ...fields }),
  )
}

/** The pid of a process that has just ended. */
const deadPid = (): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn('true')
    child.once('exit', () => resolve(child.pid ?? 0))
  })

test('a second holder is refused and told who holds the lock; once released it is free', async () => {
  const release = await takeLock(state, 'migrate')
  await expect(takeLock(state, 'cutover')).rejects.toMatchObject({
    exitCode: 2,
    where: file,
    message: expect.stringMatching(
      new RegExp(`swapctl migrate, started by .* on ${hostname()} \\(pid ${process.pid}\\) at 20`),
    ),
    next: expect.stringContaining(`remove ${file}`),
  })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await release()
  await (await takeLock(state, 'cutover'))()
  expect(await readdir(state)).toEqual([])
})

test('of many concurrent attempts exactly one succeeds', async () => {
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(state, 'migrate')))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('the lock of a dead process is taken over, and that is reported', async () => {
  await holder({ pid: await deadPid() })
  const said: string[] = []
  await takeLock(state, 'revert', (text) => said.push(text))
  expect(said).toEqual([expect.stringMatching(/Taking over .*swapctl migrate, started by ann .*at noon/)])
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ command: 'revert', pid: process.pid })
})

test("a living process that reused the dead one's pid does not keep the lock", async () => {
  await holder({ pid: process.pid, started: 'an earlier boot 12345' })
  await takeLock(state, 'revert')
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ command: 'revert' })
})

test("another machine's lock is never taken over", async () => {
  await holder({ host: 'elsewhere', pid: await deadPid() })
  await expect(takeLock(state, 'revert')).rejects.toMatchObject({ message: expect.stringContaining('on elsewhere') })
})

test('a process of a container or machine of the same name is not looked for here', async () => {
  await holder({ pid: await deadPid(), place: 'another-machine-id pid:[4026532000]' })
  await expect(takeLock(state, 'revert')).rejects.toMatchObject({ exitCode: 2, next: expect.stringContaining(file) })
})

test('a lock that cannot be read is refused, not guessed at', async () => {
  await writeFile(file, 'half a l')
  await expect(takeLock(state, 'revert')).rejects.toMatchObject({ exitCode: 2, where: file })
})
