import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SwapError } from '../src/errors.ts'
import { needState, readState, stateText } from '../src/state.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-state-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('what was kept is read back', async () => {
  await writeFile(join(directory, 'a.json'), stateText({ a: ['ö', 1] }))
  expect(await readState(join(directory, 'a.json'))).toEqual({ a: ['ö', 1] })
  expect(await needState(join(directory, 'a.json'))).toEqual({ a: ['ö', 1] })
})

test('a file that is not there yet is no file, or a reason that a plan can show', async () => {
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
