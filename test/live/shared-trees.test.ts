import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Action } from '../../src/engine/step.ts'
import type { Host, HostName } from '../../src/hosts/host.ts'
import { asideStep } from '../../src/transfer/tree-steps.ts'
import { proveSameTree, treeActions, treeUndo } from '../../src/transfer/trees.ts'
import { type Side, startSide } from './sides.ts'

const own = ['/srv', '/var/lib/swapctl']
const path = '/srv/the images'
let share: string
let source: Side
let target: Side
const hosts = (name: HostName): Host => (name === 'source' ? source.host : target.host)
const tools = { hosts, fixups: async () => '' }
const context = { config: { name: 'swap' }, hosts } as unknown as Context
const actions = () =>
  treeActions(
    { path, owner: 'games:games' },
    { nonce: randomBytes(16).toString('hex'), list: '/var/lib/swapctl/swap/trees' },
  ) as readonly [Action, Action]
const doAll = async (all: readonly Action[]) => {
  for (const action of all) await perform(action, tools)
}

/** Snapshot of a directory without change times: names, kinds, modes, owners, sizes, times to the nanosecond, bytes. */
const picture = (side: Side, at: string): Promise<string> =>
  side.sh(
    `cd '${at}'; find . -printf '%p %y %m %u:%g %s %T@ %i %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0r sha256sum`,
  )

beforeAll(async () => {
  share = await mkdtemp(join(tmpdir(), 'swapctl-share-'))
  ;[source, target] = await Promise.all([startSide('source', own), startSide('target', own)])
})
afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
  await rm(share, { recursive: true, force: true })
})

beforeEach(async () => {
  await source.sh(`cd ${share}; mkdir deep; printf one > 1; printf two > deep/2; ln -s 1 link; chown -R games:games .
    chmod 2750 deep; find . -exec touch -h -d '2020-01-02 03:04:05.678901234' {} +`)
  for (const side of [source, target]) await side.sh(`mkdir -p '${path}' /srv/mnt`)
})
afterEach(async () => {
  for (const side of [source, target])
    await side.sh(`awk '$5 ~ "^/srv/." { print $5 }' /proc/self/mountinfo | tac | sed 's/\\\\040/ /g' | while read -r at; do umount "$at"; done
      rm -rf /srv/* /var/lib/swapctl/*`)
  await source.sh(`find ${share} -mindepth 1 -delete`)
})

const bind = (side: Side, from: string, to: string, options = 'rw') =>
  side.sh(`mount --bind '${from}' '${to}'; mount -o remount,bind,${options} '${to}'`)

test('a tree mounted by both sides is left unchanged, to the byte and the time, and proved equal', async () => {
  for (const side of [source, target]) await bind(side, share, path)
  const before = await picture(source, share)
  for (const _ of ['once', 'and again']) {
    await doAll(actions())
    expect(await picture(source, share)).toBe(before)
    expect(await proveSameTree(hosts, path)).toBe(
      `${path}: shared, both sides see the same 3 files; nothing was copied`,
    )
  }
  await perform(treeUndo({ path }), tools)
  await doAll(await asideStep(context).run())
  expect(await asideStep(context).proof?.()).toBe('nothing left')
  expect(await picture(source, share)).toBe(before)
})

test('a target whose directory is a link into the share has the same tree', async () => {
  await bind(source, share, path)
  await bind(target, share, '/srv/mnt')
  await target.sh(`rmdir '${path}'; ln -s /srv/mnt '${path}'`)
  const before = await picture(source, share)
  await doAll(actions())
  expect(await picture(source, share)).toBe(before)
  expect(await proveSameTree(hosts, path)).toContain('shared, both sides see the same 3 files')
})

test('a directory changed meanwhile by other users of the share keeps its new time', async () => {
  for (const side of [source, target]) await bind(side, share, path)
  const [mark, copy] = actions()
  await perform(mark, tools)
  await source.sh(`touch ${share}/deep/new`)
  const changed = await source.sh(`stat -c %y ${share}/deep`)
  await perform(copy, tools)
  expect(await source.sh(`ls -A ${share}/deep`)).toBe('2\nnew')
  expect((await source.sh(`stat -c %y ${share}/deep`)) >= changed).toBe(true)
  expect(await source.sh(`stat -c %y ${share}`)).toMatch(/^2020-01-02 03:04:05\.678901234/)
})

const part = 'is shared with the source in part'
test.each([
  [
    'a directory of the tree',
    part,
    (): Promise<unknown>[] => [bind(source, share, path), inTarget(`${share}/deep`, 'deep')],
  ],
  ['the whole tree, seen deeper on the target', part, () => [bind(source, share, path), inTarget(share, 'deep')]],
  [
    'a directory that the source has deeper',
    part,
    () => [bind(source, share, path), bind(target, `${share}/deep`, path)],
  ],
  ['the tree below which the source mounts more', part, () => [overmounted(source), bind(target, share, path)]],
  ['the tree below which the target mounts more', part, () => [bind(source, share, path), overmounted(target)]],
  [
    'what the target cannot write',
    'nothing can be written to',
    () => [bind(source, share, path), bind(target, share, path, 'ro')],
  ],
])('refused, nothing changed: %s', async (_, says, make) => {
  await Promise.all(make())
  const before = [await picture(source, share), await picture(source, path), await picture(target, path)]
  await expect(doAll(actions())).rejects.toThrow(says)
  await perform(treeUndo({ path }), tools)
  expect([await picture(source, share), await picture(source, path), await picture(target, path)]).toEqual(before)
})

const inTarget = async (from: string, at: string) => {
  await target.sh(`mkdir '${path}/${at}'; printf own > '${path}/own'`)
  await bind(target, from, `${path}/${at}`)
}
const overmounted = async (side: Side) => {
  await bind(side, share, path)
  await side.sh(`mount -t tmpfs tmpfs '${path}/deep'; printf more > '${path}/deep/more'`)
}

test('what was mounted over after marking is not touched, nor what was never marked', async () => {
  await bind(source, share, path)
  const before = await picture(source, share)
  const [mark, copy] = actions()
  await expect(perform(copy, tools)).rejects.toThrow('is not the directory that was marked')
  await perform(mark, tools)
  await bind(target, share, path)
  await expect(perform(copy, tools)).rejects.toThrow('is not the directory that was marked')
  expect(await picture(source, share)).toBe(before)
})

test('marks of a killed run are removed by the next run, and by a revert', async () => {
  for (const side of [source, target]) await bind(side, share, path)
  const before = await picture(source, share)
  await perform(actions()[0], tools)
  expect(await source.sh(`ls -A ${share} ${share}/deep | grep -c swapctl-nonce`)).toBe('2')
  await expect(proveSameTree(hosts, path)).rejects.toThrow('marks are left')
  await perform(treeUndo({ path }), tools)
  expect(await picture(source, share)).toBe(before)
  await perform(actions()[0], tools)
  await doAll(actions())
  expect(await picture(source, share)).toBe(before)
})

test('a file system mounted below the tree: copied from the source, never deleted on the target', async () => {
  await source.sh(
    `mount -t tmpfs tmpfs '${path}'; mkdir '${path}/more'; mount -t tmpfs tmpfs '${path}/more'; printf x > '${path}/more/x'`,
  )
  await doAll(actions())
  expect(await target.sh(`cat '${path}/more/x'`)).toBe('x')
  expect(await proveSameTree(hosts, path)).toBe(`${path}: 1 files equal by SHA-256, mode and owner`)
  await target.sh(`mount -t tmpfs tmpfs '${path}/more'; printf y > '${path}/more/y'`)
  await expect(doAll(actions())).rejects.toThrow(`file systems are mounted below ${path}`)
  expect(await target.sh(`cat '${path}/more/y'`)).toBe('y')
})

test("an absent tree on the source does not move the target's files", async () => {
  await target.sh(`printf keep > '${path}/kept'`)
  await expect(doAll(actions())).rejects.toThrow('the source has nothing in')
  expect(await target.sh(`ls -A /srv '${path}'`)).toBe(`/srv:\nmnt\nthe images\n\n${path}:\nkept`)
})

test.each([
  ['beside it', ''],
  ['in it, where it is a file system', `mount -t tmpfs tmpfs '${path}'`],
])('what the target had is kept %s: restored by the undo, removed by finish', async (_, mount) => {
  await source.sh(`printf new > '${path}/1'`)
  await target.sh(`${mount}
    mkdir '${path}/old'; printf old > '${path}/1'; printf old > '${path}/old/2'; printf old > '${path}/.3'`)
  const before = (await target.sh(`cd '${path}'; find . -mindepth 1 -printf '%p %y %m %T@ %i\\n' | sort`)).trim()
  await doAll(actions())
  await doAll(actions())
  expect(await target.sh(`cat '${path}/1'; ls '${path}'`)).toBe('new1')
  expect(await proveSameTree(hosts, path)).toContain('3 original entries of the target are kept')
  await perform(treeUndo({ path }), tools)
  expect(await target.sh(`cd '${path}'; find . -mindepth 1 -printf '%p %y %m %T@ %i\\n' | sort`)).toBe(before)
  expect(await target.sh('ls -A /srv')).toBe('mnt\nthe images')

  await doAll(actions())
  await expect(asideStep(context).proof?.()).rejects.toThrow('still there')
  await doAll(await asideStep(context).run())
  expect(await asideStep(context).proof?.()).toBe('nothing left')
  expect(await target.sh(`ls -A /srv '${path}'`)).toBe(`/srv:\nmnt\nthe images\n\n${path}:\n1`)
})

test("swapctl's own files are not inside the tree: keystone opens every file of a key repository", async () => {
  await source.sh(`printf key > '${path}/0'; chown games:games '${path}/0'`)
  await doAll(actions())
  expect(await target.sh(`find '${path}' -mindepth 1 -printf '%P\\n'`)).toBe('0')
})
