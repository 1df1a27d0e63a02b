import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SwapError } from '../src/errors.ts'
import { makeDirectory, needState, readState, stateText } from '../src/state.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-state-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('saved content is read back', async () => {
  await writeFile(join(directory, 'a.json'), stateText({ a: ['ö', 1] }))
  expect(await readState(join(directory, 'a.json'))).toEqual({ a: ['ö', 1] })
  expect(await needState(join(directory, 'a.json'))).toEqual({ a: ['ö', 1] })
})

test('a missing file is undefined, or a reason that a plan can show', async () => {
  expect(await readState(join(directory, 'none.json'))).toBeUndefined()
  await expect(needState(join(directory, 'none.json'))).rejects.toBeInstanceOf(SwapError)
})

test('a damaged file is refused by name', async () => {
  await writeFile(join(directory, 'half.json'), '{"a": [1,')
  await expect(readState(join(directory, 'half.json'))).rejects.toMatchObject({
    exitCode: 2,
    where: join(directory, 'half.json'),
  })
})

test('a directory is created with its parents, for its owner only, and may exist already', async () => {
  const path = join(directory, 'a/b/c')
  await makeDirectory(path)
  await makeDirectory(path)
  for (const one of ['a', 'a/b', 'a/b/c']) expect((await stat(join(directory, one))).mode & 0o777).toBe(0o700)
})

test('when a directory cannot be created, the reason is reported at once', async () => {
  await writeFile(join(directory, 'file'), '')
  await symlink('nowhere', join(directory, 'link'))
  for (const [path, code] of [
    ['/proc/nope/deeper', 'ENOENT'],
    [join(directory, 'file'), 'EEXIST'],
    [join(directory, 'file/below'), 'EEXIST'],
    [join(directory, 'link'), 'EEXIST'],
  ] as const)
    await expect(makeDirectory(path)).rejects.toMatchObject({ code })
})
