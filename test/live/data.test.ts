import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { askChecks, type CheckContext } from '../../src/ask/check.ts'
import { storageChecks } from '../../src/checks/storage.ts'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Step } from '../../src/engine/step.ts'
import { type Host, type HostName, quote } from '../../src/hosts/host.ts'
import { cinderRecipe as cinder } from '../../src/services/cinder/recipe.ts'
import { glanceRecipe as glance } from '../../src/services/glance/recipe.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { digestScript } from '../../src/transfer/tree-scripts.ts'
import { treeSteps } from '../../src/transfer/tree-steps.ts'
import { proveSameTree, treeActions } from '../../src/transfer/trees.ts'
import { volumeSteps } from '../../src/transfer/volume-steps.ts'
import { volumeActions } from '../../src/transfer/volumes.ts'
import { makeCinder, store } from './cinder-rows.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { type Side, startSide } from './sides.ts'

const own = ['/srv', '/var/lib/lvm-stand-in', '/etc/cinder', '/etc/keystone', '/etc/glance', '/var/lib/glance']
let server: Server
let source: Side
let target: Side
const hosts = (name: HostName): Host => (name === 'source' ? source.host : target.host)
const tools = { hosts, fixups: async () => '' }

beforeAll(async () => {
  server = await startMariadb()
  ;[source, target] = await Promise.all([startSide('source', own, server.host), startSide('target', own)])
  // The same name has another number there, as between releases.
  await target.sh(
    'sed "s/^games:x:5:60:/games:x:4242:4343:/" /etc/passwd > /srv/p; sed "s/^games:x:60:/games:x:4343:/" /etc/group > /srv/g; mount --bind /srv/p /etc/passwd; mount --bind /srv/g /etc/group',
  )
})
afterAll(() => Promise.all([source?.stop(), target?.stop(), server?.stop()]))

const tree = { path: '/srv/keys dir', owner: 'games:games' }
const copying = () => ({ nonce: randomBytes(16).toString('hex'), list: '/srv/trees' })
const carry = async () => {
  for (const action of treeActions(tree, copying())) await perform(action, tools)
}

beforeEach(async () => {
  await source.sh(`rm -rf '${tree.path}'; mkdir -p '${tree.path}/a/empty'; cd '${tree.path}'
    printf key > 0; printf 'Zoë' > 'a/проект "δ"'; printf x > $'a/new\\nline'; printf y > $'a/b\\377'; printf y > '$(touch owned)\`touch owned\`%s'; ln -s ../0 a/link; truncate -s 60M sparse; printf end >> sparse; truncate -s 17M $'a/large\\n\\\\name'
    chown -R games:games .; chown root:games a; chmod 2750 a; chmod 600 0; chmod 700 .`)
  await target.sh(`rm -rf '${tree.path}'* /srv/trees`)
})

test('a tree is copied with every name, mode, link and byte, and with owners by name', async () => {
  await target.sh(`mkdir -p '${tree.path}/a'; echo stale > '${tree.path}/9'; echo stale > '${tree.path}/a/8'`)
  await carry()
  const same = '/srv/keys dir: 7 files equal by SHA-256, mode and owner'
  expect(await proveSameTree(hosts, tree.path)).toBe(
    `${same}; 2 original entries of the target are kept beside it until finish`,
  )
  expect(await target.sh(`stat -c '%u %U %a' '${tree.path}/0'; stat -c '%u %U %G %a' '${tree.path}/a'`)).toBe(
    '4242 games 600\n0 root games 2750',
  )
  expect(Number(await target.sh(`stat -c %b '${tree.path}/sparse'`))).toBeLessThan(2000)
  await carry()
  expect(await proveSameTree(hosts, tree.path)).toMatch(/ equal /)
})

test.each([
  ['a byte', 'printf kez > 0'],
  ['the last byte of a large file', 'truncate -s -1 sparse; printf D >> sparse'],
  ['a mode', 'chmod 640 0'],
  ['an owner', 'chown 60 0'],
  ['a file more', 'touch more'],
  ['a file less', 'rm 0'],
  ['a byte of a name that is no UTF-8', "mv $'a/b\\377' $'a/b\\376'"],
  ['a name that looks like another entry', "rm 0; printf key > $'a\\nf 600 games:games 0 -> '"],
  ['where a link leads', 'ln -sfn ../1 a/link'],
])('the proof fails when %s differs', async (_, change) => {
  await carry()
  await target.sh(`cd '${tree.path}'; ${change}`)
  await expect(proveSameTree(hosts, tree.path)).rejects.toThrow('differs from the source')
})

const sumOfNothing = createHash('sha256').digest('hex')

test('the digest of a tree is the same with and without openssl', async () => {
  const digest = `cd /srv; bash -c ${quote(digestScript)} look '${tree.path}'`
  const without = 'mkdir -p /srv/bin; ln -sf /usr/bin/{bash,cut,find,sed,sha256sum,sort,tr,xargs} /srv/bin'
  const fast = await source.sh(digest)
  expect(await source.sh(`${without}; export PATH=/srv/bin; ${digest}`)).toBe(fast)
  const lines = fast.split('\n').filter((line) => /^\\?[0-9a-f]{64} {2}/.test(line))
  const known = await source.sh(`cd '${tree.path}'; find . -type f -exec sha256sum -- {} +`)
  expect(lines.sort()).toEqual(known.split('\n').sort())
  const failing = `printf '#!/bin/sh\\n[ "$(wc -c)" = 0 ] && echo "${sumOfNothing} *stdin"\\n' > /srv/bin/openssl; chmod +x /srv/bin/openssl`
  await expect(source.sh(`${failing}; export PATH=/srv/bin:$PATH; ${digest}`)).rejects.toThrow('exit')
})

test('an owner missing on the target is detected before anything is copied', async () => {
  const [first] = treeActions({ ...tree, owner: 'nobody-there:games' }, copying())
  await expect(perform(first as NonNullable<typeof first>, tools)).rejects.toThrow('nobody-there')
})

test('a tree missing on the source is an error, not an empty tree', async () => {
  await source.sh(`rm -rf '${tree.path}'`)
  await expect(carry()).rejects.toThrow('exited')
})

const ids = [1, 2, 3, 4, 5].map((n) => `c0a80101-1111-4a4a-8b8b-00000000000${n}`)
const only = (steps: readonly Step[]): Step => steps[0] as Step
const survey = { source: { hostname: 'src' } } as Context['survey']
const step = () =>
  only(
    volumeSteps(
      { config: {}, hosts, survey } as unknown as Context,
      { ...cinder, databases: [{ name: 'cinder', repo: 'cinder' }] },
      [],
    ),
  )
const runStep = async () => {
  const actions = await step().run()
  for (const action of actions) await perform(action, tools)
  return actions.filter((action) => action.kind === 'pipe' && action.talk !== true).length
}

test('LVM volumes are created, filled and proved; correct ones are not copied again', async () => {
  const db = await server.db()
  await makeCinder(db)
  await db.run(
    "INSERT INTO cinder.volumes VALUES (?, NULL, 'src@lvm#LVM', 0, 'available'), (?, ?, 'src@lvm#LVM', 0, 'in-use'), (?, NULL, 'src@lvm#LVM', 1, 'deleted'), (?, NULL, 'other@lvm#LVM', 0, 'available'), ('never-made', NULL, 'src@lvm#LVM', 0, 'error')",
    [ids[0] ?? '', 'renamed', ids[1] ?? '', ids[4] ?? '', ids[3] ?? ''],
  )
  await db.run("INSERT INTO cinder.snapshots VALUES (?, ?, 0, 'available')", [ids[2] ?? '', ids[0] ?? ''])
  await source.sh(`mkdir /etc/cinder/cinder.conf.d; printf '[DEFAULT]\\nenabled_backends =\\n' > /etc/cinder/cinder.conf; printf '[DEFAULT]\\nenabled_backends = lvm\\n[lvm]\\nvolume_group = cinder-volumes\\n' > /etc/cinder/cinder.conf.d/lvm.conf
    mkdir ${store}/cinder-volumes
    lvcreate -n volume-${ids[0]} -L 40m cinder-volumes; lvcreate -n volume-${ids[1]} -L 8m cinder-volumes; lvcreate -n root -L 8m cinder-volumes; lvcreate -n volume-${ids[4]} -L 8m cinder-volumes
    dd if=/dev/urandom of=/dev/cinder-volumes/volume-${ids[0]} bs=1M seek=7 count=3 conv=notrunc status=none
    dd if=/dev/urandom of=/dev/cinder-volumes/volume-${ids[1]} bs=1M count=8 conv=notrunc status=none
    lvcreate -n _snapshot-${ids[2]} -s cinder-volumes/volume-${ids[0]}`)
  await expect(step().run()).rejects.toThrow('Volume group "cinder-volumes" not found')
  await target.sh(`mkdir ${store}/cinder-volumes; lvcreate -n volume-${ids[1]} -L 4m cinder-volumes`)
  await expect(step().proof?.()).rejects.toThrow('volumes that differ from the source')

  expect(await runStep()).toBe(3)
  expect(await step().proof?.()).toBe('3 volumes equal by SHA-256')
  expect(await target.sh(`ls ${store}/cinder-volumes`)).toBe(
    [`_snapshot-${ids[2]}`, `volume-${ids[0]}`, `volume-${ids[1]}`].join('\n'),
  )
  expect(Number(await target.sh(`stat -c %b ${store}/cinder-volumes/volume-${ids[0]}`)) / 2).toBeLessThan(8 * 1024)
  expect(await runStep()).toBe(0)

  // A guest wrote after the copy: the proof detects it, and the next run puts it right.
  await source.sh(
    `dd if=/dev/zero of=/dev/cinder-volumes/volume-${ids[0]} bs=1M seek=7 count=1 conv=notrunc status=none`,
  )
  await expect(step().proof?.()).rejects.toThrow(`cinder-volumes/volume-${ids[0]}`)
  expect(await runStep()).toBe(0)
  expect(await step().proof?.()).toBe('3 volumes equal by SHA-256')
})

test('a volume in the database without a logical volume is named; none at all fails', async () => {
  const db = await server.db()
  await db.run(
    "INSERT INTO cinder.volumes VALUES ('11111111-1111-4a4a-8b8b-000000000009', NULL, 'src@lvm#LVM', 0, 'available')",
  )
  const services = [{ name: 'cinder', databases: [{ name: 'cinder', repo: 'cinder' }] }]
  const context = { hosts, survey: { ...survey, services }, recipes: [cinder] } as unknown as CheckContext
  expect(await askChecks(storageChecks, context)).toMatchObject([
    { id: 'storage/volumes', level: 'block', says: expect.stringContaining('1 volumes or snapshots') },
  ])
  expect(await step().proof?.()).toBe(
    '3 volumes equal by SHA-256; missing on the source, so not copied: 11111111-1111-4a4a-8b8b-000000000009',
  )
  await source.sh(`mv ${store}/cinder-volumes /srv/away; mkdir ${store}/cinder-volumes`)
  await expect(step().proof?.()).rejects.toThrow('the database has 4 volumes, but none of them is in its volume group')
  await source.sh(`rmdir ${store}/cinder-volumes; mv /srv/away ${store}/cinder-volumes`)
  await db.run("DELETE FROM cinder.volumes WHERE id LIKE '11111111%'")
})

test('volumes of a group that both sides see are not written', async () => {
  const share = await source.sh('mktemp -d -p /tmp')
  const before = `find ${share} -type f -exec sha256sum {} + -printf '%T@ %s\\n'`
  for (const side of [source, target]) await side.sh(`mount --bind ${share} ${store}`)
  await source.sh(
    `mkdir ${store}/cinder-volumes; lvcreate -n volume-${ids[0]} -L 1m cinder-volumes; printf guest > ${store}/cinder-volumes/volume-${ids[0]}`,
  )
  const held = await source.sh(before)
  await expect(step().run()).rejects.toThrow(`volume-${ids[0]} is the same volume as on the source`)
  expect(await source.sh(before)).toBe(held)
  for (const side of [source, target]) await side.sh(`umount ${store}`)
  await source.sh(`rm -r ${share}; lvm links`)
})

test('keys and images are copied from where the settings put them, and the database says which must exist', async () => {
  const db = await server.db()
  await db.run('CREATE DATABASE keystone')
  await db.run('CREATE TABLE keystone.credential (key_hash VARCHAR(64))')
  await db.run("INSERT INTO keystone.credential VALUES (SHA1('first')), (SHA1('first')), (NULL)")
  await db.run('CREATE DATABASE glance')
  await db.run('CREATE TABLE glance.images (id VARCHAR(36), deleted TINYINT, status VARCHAR(20))')
  await db.run('CREATE TABLE glance.image_locations (image_id VARCHAR(36), value TEXT, deleted TINYINT)')
  await db.run("INSERT INTO glance.images VALUES ('a', 0, 'active'), ('b', 0, 'active'), ('c', 1, 'deleted')")
  await db.run(
    "INSERT INTO glance.image_locations VALUES ('a', 'file:///srv/store/a', 0), ('b', 'file:///srv/store/b%20b', 0), ('c', 'file:///gone', 1), ('b', 'rbd://x', 0)",
  )
  await source.sh(`mkdir -p /etc/keystone/keystone.conf.d /srv/ks/fernet /srv/ks/credential /srv/store
    printf '[fernet_tokens]\nkey_repository = /srv/ks/fernet\n[credential]\nkey_repository = /not/in/force\n' > /etc/keystone/keystone.conf
    printf '[DEFAULT]\nbase = /srv/ks\n[credential]\nkey_repository = $base/credential/\n' > /etc/keystone/keystone.conf.d/keys.conf
    printf token > /srv/ks/fernet/0; printf first > /srv/ks/credential/1; chown -R games:games /srv/ks /srv/store
    printf '[glance_store]\nfilesystem_store_datadir = /srv/store\n' > /etc/glance/glance-api.conf`)
  const files = (recipe: Recipe) => {
    const storage = recipe.storage.map((one) => (one.kind === 'file' ? { ...one, owner: 'games:games' } : one))
    const services = [{ name: recipe.name, databases: [{ name: recipe.name, repo: recipe.name }] }]
    const of = { config: { name: 'swap' }, hosts, survey: { ...survey, services } } as unknown as Context
    return only(treeSteps(of, { ...recipe, storage }, []))
  }
  const carryAll = async (recipe: Recipe) => {
    for (const action of await files(recipe).run()) await perform(action, tools)
    return files(recipe).proof?.()
  }
  expect(await carryAll(keystone)).toBe(
    '/srv/ks/fernet: 1 files equal by SHA-256, mode and owner; /srv/ks/credential: 1 files equal by SHA-256, mode and owner; 1 of 1 keys of credentials in the database exist',
  )
  expect(await target.sh('cat /srv/ks/fernet/0 /srv/ks/credential/1')).toBe('tokenfirst')
  await expect(carryAll(glance)).rejects.toThrow(
    'of 2 images in the database none exists: /srv/store/a, /srv/store/b b',
  )
  await source.sh("printf image > '/srv/store/b b'; chown games:games /srv/store/*")
  expect(await carryAll(glance)).toBe(
    '/srv/store: 1 files equal by SHA-256, mode and owner; 1 of 2 images in the database exist; already missing on the source: /srv/store/a',
  )
  await source.sh('mkdir -p /srv/other; printf image > /srv/other/a')
  await db.run("UPDATE glance.image_locations SET value = 'file:///srv/other/a' WHERE image_id = 'a'")
  await expect(files(glance).proof?.()).rejects.toThrow('of 2 images in the database 1 did not arrive: /srv/other/a')

  const services = ['glance', 'keystone'].map((name) => ({ name, databases: [{ name, repo: name }] }))
  const context = { hosts, survey: { ...survey, services }, recipes: [glance, keystone] } as unknown as CheckContext
  const found = await askChecks(storageChecks, context)
  expect(found.map(({ id, level, says }) => [id, level, says])).toEqual([
    ['storage/elsewhere', 'block', '1 images of glance are in files outside of /srv/store: /srv/other/a'],
    ['storage/other-stores', 'warn', 'glance keeps data elsewhere, which swapctl does not copy: 1 in rbd'],
  ])
  await source.sh('rm -r /srv/other')
  expect((await askChecks(storageChecks, context)).map(({ id }) => id)).toContain('storage/missing')
})

test('a missing device on the target does not become a file under /dev', async () => {
  const name = `volume-${ids[0]}`
  const volume = { group: 'cinder-volumes', name, size: 40 << 20, uuid: '', pool: '', origin: '', staged: false }
  await target.sh(`rm /dev/cinder-volumes/${name}`)
  const [fill] = volumeActions(volume, 'cinder-volumes', volume)
  await expect(perform(fill as NonNullable<typeof fill>, tools)).rejects.toThrow('exited')
  expect(await target.sh('ls /dev/cinder-volumes')).not.toContain(name)
})

test('a group that is too small is refused before anything is created', async () => {
  await source.sh(`lvcreate -n volume-${ids[3]} -L 41g cinder-volumes`)
  await (await server.db()).run("UPDATE cinder.volumes SET host = 'src@lvm#LVM'")
  await target.sh(`ln -s ${store}/cinder-volumes/volume-${ids[0]} /dev/cinder-volumes/volume-${ids[0]}`)
  await expect(step().run()).rejects.toThrow(
    /the volume group cinder-volumes has \d+ bytes free, the volumes to copy need 44023414784/,
  )
})
