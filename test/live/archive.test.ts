import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localHost } from '../../src/hosts/local.ts'
import { compareArchive } from '../../src/source/archive.ts'

const host = localHost()
let folder: string
let tree: string
let archive: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swapctl-archive-'))
  tree = join(folder, 'etc')
  archive = join(folder, 'config.tar')
  mkdirSync(join(tree, 'nova', 'empty folder'), { recursive: true })
  writeFileSync(join(tree, 'nova', 'nova.conf'), '[DEFAULT]\n')
  writeFileSync(join(tree, 'nova', 'nothing'), '')
  writeFileSync(join(tree, 'nova', 'wunderlich ü\n\\name'), 'x')
  writeFileSync(join(tree, 'nova', `long-${'n'.repeat(180)}`), 'y'.repeat(100_000))
  linkSync(join(tree, 'nova', 'nova.conf'), join(tree, 'nova', 'same.conf'))
  symlinkSync('nova.conf', join(tree, 'nova', 'link.conf'))
  execFileSync('tar', ['--create', `--file=${archive}`, '--directory=/', tree.slice(1)])
})
afterEach(() => rmSync(folder, { recursive: true }))

const compare = () => compareArchive(host, [tree], host, archive)

test('an archive has every file of a tree with its hash: empty ones, long names, odd names, hard links', async () => {
  expect(await compare()).toEqual({ files: 5, wrong: [] })
})

test('names that are not UTF-8 are distinguished, and so is their content', async () => {
  const at = (byte: number): Buffer => Buffer.concat([Buffer.from(join(tree, 'nova', 'b')), Buffer.from([byte])])
  writeFileSync(at(0xff), 'one')
  writeFileSync(at(0xfe), 'two')
  execFileSync('tar', ['--create', `--file=${archive}`, '--directory=/', tree.slice(1)])
  expect(await compare()).toEqual({ files: 7, wrong: [] })
  writeFileSync(at(0xfe), 'three')
  expect((await compare()).wrong).toHaveLength(2)
})

test('a changed file and a new one are named', async () => {
  appendFileSync(join(tree, 'nova', 'nothing'), '!')
  writeFileSync(join(tree, 'late'), '')
  expect((await compare()).wrong.toSorted()).toEqual([join(tree, 'late'), join(tree, 'nova', 'nothing')])
})

test('an incomplete archive is not accepted', async () => {
  truncateSync(archive, readFileSync(archive).length - 12_000)
  await expect(compare()).rejects.toThrow(/is incomplete/)
})

test('a missing archive is reported as missing', async () => {
  rmSync(archive)
  await expect(compare()).rejects.toThrow(/No such file/)
})
