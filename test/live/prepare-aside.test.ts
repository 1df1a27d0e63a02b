import { chmod, lstat, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { perform } from '../../src/engine/perform.ts'
import type { Action } from '../../src/engine/step.ts'
import { localHost } from '../../src/hosts/local.ts'
import { asideMark, isAside, putAside, takeBack } from '../../src/target/aside.ts'

let directory: string
let path: string
const host = localHost()
const act = (action: Action) => perform(action, { hosts: () => host, fixups: async () => '' })
const ours = (): Action => ({ kind: 'write', on: 'target', path, mode: '0755', content: `#!/bin/sh\n${asideMark}\n` })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'aside-'))
  path = join(directory, 'policy-rc.d')
})
afterEach(() => rm(directory, { recursive: true }))

/** What prepare does until it is interrupted with its own file in place. */
const begin = async () => {
  await act(putAside(path))
  await act(ours())
}

test("an administrator's file survives an interrupted and repeated prepare, with its mode", async () => {
  await writeFile(path, '#!/bin/sh\nexit 104\n')
  await chmod(path, 0o750)
  await begin()
  expect(await readFile(path, 'utf8')).toContain(asideMark)
  expect(await isAside(host, path)).toBe(true)
  await begin()
  await act(takeBack(path))
  expect(await readFile(path, 'utf8')).toBe('#!/bin/sh\nexit 104\n')
  expect((await lstat(path)).mode & 0o777).toBe(0o750)
  expect(await isAside(host, path)).toBe(false)
  await act(takeBack(path))
  expect(await readFile(path, 'utf8')).toBe('#!/bin/sh\nexit 104\n')
})

test('a link stays a link, and its target is not overwritten', async () => {
  await writeFile(join(directory, 'other'), 'theirs')
  await symlink(join(directory, 'other'), path)
  await begin()
  await begin()
  await act(takeBack(path))
  expect(await readlink(path)).toBe(join(directory, 'other'))
  expect(await readFile(join(directory, 'other'), 'utf8')).toBe('theirs')
})

test('where no file was, none is left, and a file created later is left alone', async () => {
  await begin()
  await begin()
  await act(takeBack(path))
  await expect(lstat(path)).rejects.toThrow('ENOENT')
  await writeFile(path, 'new')
  await act(takeBack(path))
  expect(await readFile(path, 'utf8')).toBe('new')
})
