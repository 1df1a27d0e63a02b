import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Action, Step } from '../../src/engine/step.ts'
import type { Host, HostName, Job } from '../../src/hosts/host.ts'
import { cinderRecipe } from '../../src/services/cinder/recipe.ts'
import { keystoneRecipe } from '../../src/services/keystone/recipe.ts'
import { stageVolumeSteps } from '../../src/transfer/volume-stage.ts'
import { volumeSteps } from '../../src/transfer/volume-steps.ts'
import { stageMark } from '../../src/transfer/volumes.ts'
import { makeCinder, store } from './cinder-rows.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { type Side, startSide } from './sides.ts'

const vg = 'cinder-volumes'
const chunk = 4 << 20
let server: Server
let source: Side
let target: Side
const jobs: Job[] = []
const recording = (host: Host): Host => ({
  ...host,
  spawn: async (command) => {
    const job = await host.spawn(command)
    jobs.push(job)
    return job
  },
})
const hosts = (name: HostName): Host => (name === 'source' ? recording(source.host) : target.host)
const tools = { hosts, fixups: async () => '' }
const contextWith = (stageRate: number): Context =>
  ({ config: { stageRate }, hosts, survey: { source: { hostname: 'src' } } }) as unknown as Context
const context = contextWith(0)
const recipe = { ...cinderRecipe, databases: [{ name: 'cinder', repo: 'cinder' as const }] }
const stageStep = (of = context): Step => stageVolumeSteps(of, recipe)[0] as Step
const migrateSteps = (): readonly [Step, Step] => volumeSteps(context, recipe, []) as [Step, Step]
const doAll = async (actions: readonly Action[]) => {
  for (const action of actions) await perform(action, tools)
}
const doStep = async (step: Step): Promise<string> => {
  await doAll(await step.run())
  return (await step.proof?.()) ?? ''
}

const ids = [1, 2, 3, 4].map((n) => `c0a80101-1111-4a4a-8b8b-00000000000${n}`) as [string, string, string, string]
const [one, two, three, four] = ids.map((id) => `volume-${id}`) as [string, string, string, string]
const add = async (id: string) => {
  const db = await server.db()
  await db.run("INSERT INTO cinder.volumes VALUES (?, NULL, 'src@lvm#LVM', 0, 'available')", [id])
}
const make = (name: string, size: string, how = '') =>
  source.sh(
    `lvcreate ${how} -n ${name} -${how === '' ? 'L' : 'V'} ${size} ${how === '' ? vg : `-T ${vg}/pool`}; dd if=/dev/urandom of=/dev/${vg}/${name} bs=1M count=$(($(stat -Lc %s /dev/${vg}/${name}) >> 20)) conv=notrunc status=none`,
  )
/** Overwrites some bytes. */
const change = (side: Side, name: string, at: number) =>
  side.sh(`head -c 9 /dev/urandom | dd of=/dev/${vg}/${name} bs=1 seek=${at} conv=notrunc status=none`)
const sums = (side: Side) => side.sh(`cd ${store}/${vg}; sha256sum -- volume-* | sort -k 2`)
const tagged = async () =>
  (await target.sh(`lvs --noheadings --separator ' ' -o lv_name,lv_tags ${vg} | sed -n 's/ ${stageMark}$//p'`))
    .split(/\s+/)
    .filter((name) => name !== '')

// The source's programs give way to all others: on a busy machine they take their time.
vi.setConfig({ testTimeout: 900_000 })

beforeAll(async () => {
  server = await startMariadb()
  const own = ['/srv', store, '/etc/cinder', '/run']
  ;[source, target] = await Promise.all([
    startSide('source', [store, '/etc/cinder', '/srv'], server.host),
    startSide('target', own),
  ])
  await makeCinder(await server.db())
  await source.sh(
    `printf '[DEFAULT]\\nenabled_backends = lvm\\n[lvm]\\nvolume_group = ${vg}\\n' > /etc/cinder/cinder.conf`,
  )
})
afterAll(() => Promise.all([source?.stop(), target?.stop(), server?.stop()]))

beforeEach(async () => {
  const db = await server.db()
  await db.run('DELETE FROM cinder.volumes')
  for (const side of [source, target])
    await side.sh(`rm -rf ${store}/${vg} ${store}/.[!.]* /dev/${vg}; mkdir ${store}/${vg}; rm -rf /run/swapctl-volumes`)
  await add(ids[0])
  await add(ids[1])
  await make(one, '17m')
  await make(two, '8m')
})

test('volumes are staged while the source serves, and the freeze copies the chunks that changed since', async () => {
  const before = await sums(source)
  expect(await doStep(stageStep())).toBe(
    '2 of 2 volumes are staged, 25.0 MiB, of which 25.0 MiB differed and were copied now',
  )
  expect(await sums(source)).toBe(before)
  expect(await sums(target)).toBe(before)
  expect(await tagged()).toEqual([one, two])
  expect(await doStep(stageStep())).toContain('25.0 MiB, of which 0 B differed')

  await change(source, one, 3 * chunk - 4)
  const [copy, own] = migrateSteps()
  expect((await copy.run()).map(({ kind }) => kind)).toEqual(['pipe', 'pipe'])
  expect(await doStep(copy)).toBe(
    '2 volumes equal by SHA-256; 2 were there before, of which 8.0 MiB of 25.0 MiB differed and were copied',
  )
  expect(await sums(target)).toBe(await sums(source))

  // Until it is proved, the mark stays; after a revert, stage may go on with the copies.
  const undo = await own.undo()
  expect(await doStep(own)).toBe('no volume has it')
  expect(await tagged()).toEqual([])
  await target.sh(`lvremove -f ${vg}/${two}`)
  await doAll(undo)
  expect(await tagged()).toEqual([one])
  expect(await doStep(stageStep())).toContain('2 of 2 volumes are staged, 25.0 MiB, of which 8.0 MiB differed')
})

test('a chunk that somebody changed on the target is put right, and one changed after that is seen by the proof', async () => {
  await doStep(stageStep())
  await change(target, one, 17 * (1 << 20) - 9)
  const [copy] = migrateSteps()
  await doAll(await copy.run())
  expect(await sums(target)).toBe(await sums(source))
  await change(target, two, 100)
  await expect(copy.proof?.()).rejects.toThrow(`volumes that differ from the source: ${vg}/${two}`)
  expect(await doStep(copy)).toContain('4.0 MiB of 25.0 MiB differed')
})

test('without a stage all is copied whole, and a second migrate copies by chunk', async () => {
  const [copy, own] = migrateSteps()
  const actions = await copy.run()
  expect(actions.map((action) => (action.kind === 'pipe' ? action.talk : action.kind))).toEqual([
    'exec',
    undefined,
    'exec',
    undefined,
  ])
  expect(await doStep(copy)).toBe('2 volumes equal by SHA-256')
  expect(await own.run()).toEqual([])
  expect(await own.undo()).toEqual([])
  await change(source, two, 0)
  expect(await doStep(migrateSteps()[0])).toContain(
    'SHA-256; 2 were there before, of which 4.0 MiB of 25.0 MiB differed',
  )
})

test('a copy that broke off goes on with what is missing', async () => {
  await make(one.replace(ids[0], ids[2]), '48m')
  await add(ids[2])
  const broken = doStep(stageStep(contextWith(8_000_000)))
  broken.catch(() => {})
  const progress = async () => Number(await target.sh(`head -qn 1 /run/swapctl-volumes/${vg}_${three} || echo 0`))
  while ((await progress()) < 3 * chunk) await sleep(200)
  jobs.at(-1)?.kill()
  await expect(broken).rejects.toThrow()
  const says = await doStep(stageStep())
  const copied = Number(/of which ([\d.]+) MiB differed/.exec(says)?.[1])
  expect(copied).toBeLessThanOrEqual(36)
  expect(says).toContain('3 of 3 volumes are staged, 73.0 MiB')
  expect(await sums(target)).toBe(await sums(source))
})

test('the source is read no faster than the rate', async () => {
  const began = Date.now()
  await doStep(stageStep(contextWith(8_000_000)))
  // The last chunk is read as soon as its turn has come.
  expect(Date.now() - began).toBeGreaterThan(2_400)
})

test('volumes that grow, come and go between two stages, and before the freeze', async () => {
  await doStep(stageStep())
  await source.sh(`lvextend -L 25m ${vg}/${one}`)
  await change(source, one, 20 << 20)
  await source.sh(`lvremove -f ${vg}/${two}`)
  await (await server.db()).run('DELETE FROM cinder.volumes WHERE id = ?', [ids[1]])
  await make(three, '4m')
  await add(ids[2])
  // Neither a volume of somebody else nor one that the database still names is removed.
  await target.sh(`lvcreate -n ${two.replace(ids[1], ids[3])} -L 4m ${vg}; lvcreate -n root -L 4m ${vg}`)
  expect(await doStep(stageStep())).toBe(
    '2 of 2 volumes are staged, 29.0 MiB, of which 8.0 MiB differed and were copied now',
  )
  expect(await target.sh(`ls ${store}/${vg}`)).toBe([one, three, four, 'root'].sort().join('\n'))
  expect(await tagged()).toEqual([one, three])

  await source.sh(`lvextend -L 30m ${vg}/${one}; lvremove -f ${vg}/${three}`)
  await (await server.db()).run('DELETE FROM cinder.volumes WHERE id = ?', [ids[2]])
  const [copy, own] = migrateSteps()
  expect(await doStep(copy)).toContain('1 volumes equal by SHA-256; 1 were there before, of which 0 B of 30.0 MiB')
  await doStep(own)
  expect(await target.sh(`ls ${store}/${vg}`)).toBe([one, four, 'root'].sort().join('\n'))
})

test('a staged copy of a volume that the database still has stays, also when its group is away', async () => {
  await doStep(stageStep())
  await source.sh(`mv ${store}/${vg}/${two} /srv/`)
  expect(await doStep(stageStep())).toContain('1 of 1 volumes are staged')
  expect(await tagged()).toEqual([one, two])
  await source.sh(`mv /srv/${two} ${store}/${vg}/`)
})

test('a copy whose mark was taken off meanwhile is not removed', async () => {
  await doStep(stageStep())
  await source.sh(`lvremove -f ${vg}/${two}`)
  await (await server.db()).run('DELETE FROM cinder.volumes WHERE id = ?', [ids[1]])
  const actions = await stageStep().run()
  await target.sh(`lvchange --deltag ${stageMark} ${vg}/${two}`)
  await expect(doAll(actions)).rejects.toThrow(`${vg}/${two} no longer has the mark ${stageMark}, so it stays`)
  expect(await target.sh(`ls ${store}/${vg}`)).toContain(two)
})

test('a volume that the target had before is left to the freeze', async () => {
  await target.sh(`lvcreate -n ${one} -L 17m ${vg}; printf theirs | dd of=/dev/${vg}/${one} conv=notrunc status=none`)
  expect(await doStep(stageStep())).toBe(
    `1 of 2 volumes are staged, 8.0 MiB, of which 8.0 MiB differed and were copied now; on the target before and not made by swapctl stage, so left to the freeze: ${vg}/${one}`,
  )
  expect(await target.sh(`head -c 6 ${store}/${vg}/${one}`)).toBe('theirs')
  expect(await doStep(migrateSteps()[0])).toContain('2 volumes equal by SHA-256; 2 were there before')
  expect(await tagged()).toEqual([two])
})

test('volumes of a group that both sides see are not staged', async () => {
  const share = await source.sh('mktemp -d -p /tmp')
  for (const side of [source, target]) await side.sh(`mount --bind ${share} ${store}; rm -rf /dev/${vg}`)
  await source.sh(`mkdir ${store}/${vg}; lvcreate -n ${one} -L 1m ${vg}; printf guest > ${store}/${vg}/${one}`)
  const before = await sums(source)
  await target.sh(`lvchange --addtag ${stageMark} ${vg}/${one}`)
  await expect(stageStep().run()).rejects.toThrow(`${one} is the same volume as on the source`)
  await (await server.db()).run('DELETE FROM cinder.volumes')
  await expect(stageStep().run()).rejects.toThrow(`${vg} is the same volume group as on the source`)
  expect(await sums(source)).toBe(before)
  for (const side of [source, target]) await side.sh(`umount ${store}`)
  await source.sh(`rm -r ${share}`)
})

test('thin volumes stay thin, and zeros take no room', async () => {
  for (const side of [source, target]) await side.sh(`lvcreate -n pool -L 64m ${vg}`)
  await source.sh(
    `lvcreate -n ${three} -V 32m -T ${vg}/pool; printf data | dd of=/dev/${vg}/${three} bs=1M seek=9 conv=notrunc status=none`,
  )
  await add(ids[2])
  expect(await doStep(stageStep())).toContain('3 of 3 volumes are staged, 57.0 MiB')
  expect(await target.sh(`lvs --noheadings -o pool_lv ${vg}/${three}`)).toBe('pool')
  const blocks = async () => Number(await target.sh(`stat -c %b ${store}/${vg}/${three}`)) / 2
  expect(await blocks()).toBeLessThanOrEqual(4 * 1024)
  await source.sh(
    `dd if=/dev/zero of=/dev/${vg}/${three} bs=1M seek=9 count=1 conv=notrunc status=none; lvremove -f ${vg}/pool`,
  )
  expect(await doStep(migrateSteps()[0])).toContain('3 volumes equal by SHA-256')
  expect(await blocks()).toBeLessThanOrEqual(4 * 1024)
})

test('a volume that is deleted while it is staged is let go', async () => {
  await make(three, '40m')
  await add(ids[2])
  const staging = doStep(stageStep(contextWith(8_000_000)))
  const progress = async () => Number(await target.sh(`head -qn 1 /run/swapctl-volumes/${vg}_${three} || echo 0`))
  while ((await progress()) < chunk) await sleep(200)
  await source.sh(`lvremove -f ${vg}/${three}`)
  await (await server.db()).run('DELETE FROM cinder.volumes WHERE id = ?', [ids[2]])
  expect(await staging).toMatch(
    new RegExp(
      `^2 of 2 volumes are staged, .*; deleted meanwhile, their copies go with the next stage: ${vg}/${three}$`,
    ),
  )
  expect(await doStep(stageStep())).toContain('2 of 2 volumes are staged')
  expect(await tagged()).toEqual([one, two])
})

test('a volume that is away in the freeze is an error', async () => {
  await doStep(stageStep())
  const [copy] = migrateSteps()
  const actions = await copy.run()
  await source.sh(`rm /dev/${vg}/${one}`)
  await expect(doAll(actions)).rejects.toThrow(`/dev/${vg}/${one} cannot be read: No such file or directory`)
})

test('a missing device on the target is an error and becomes no file', async () => {
  await doStep(stageStep())
  const actions = await migrateSteps()[0].run()
  await target.sh(`rm /dev/${vg}/${one}`)
  await expect(doAll(actions)).rejects.toThrow('cannot be written')
  expect(await target.sh(`ls /dev/${vg}`)).toBe(two)
})

test('without Python on the source nothing is staged, and what is there is copied whole', async () => {
  await doStep(stageStep())
  await change(source, one, 0)
  // The stand-in for LVM, which lies beside it, asks for none by its name.
  const fake = await source.sh('echo "$(dirname "$(command -v lvs)")/python3"')
  await source.sh(`printf '#!/bin/sh\\nexit 1\\n' > ${fake}; chmod 755 ${fake}`)
  expect(await doStep(stageStep())).toBe('nothing was staged: the source has no Python 2.7 or newer')
  expect(await doStep(migrateSteps()[0])).toBe(
    '2 volumes equal by SHA-256; all were copied whole, because the source has no Python 2.7 or newer',
  )
  await source.sh(`rm ${fake}`)
})

test('a service without volumes has nothing to stage', () => {
  expect(stageVolumeSteps(context, keystoneRecipe)).toEqual([])
})
