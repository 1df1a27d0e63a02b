import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'

it("removes the tree of a killed build, and nothing of the host's that is mounted in it", async () => {
  const at = await mkdtemp(join(tmpdir(), 'tree-'))
  const bash = (script: string) => execa('bash', ['-c', `. lab/common.sh; ${script}`, 'bash', at])
  await bash('mkdir -p "$1"/{tree/{sys,root},tree2,kept/file}')
  await bash('mount --bind "$1/kept" "$1/tree/sys"; mount -t tmpfs tmpfs "$1/tree/root"')
  await bash('mkdir "$1/tree/root/proc"; mount -t proc proc "$1/tree/root/proc"')
  await bash('gone "$1/tree"')
  expect(readdirSync(at).sort()).toEqual(['kept', 'tree2'])
  expect(existsSync(join(at, 'kept/file'))).toBe(true)
  expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(at)
  await rm(at, { recursive: true })
})
