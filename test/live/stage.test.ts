import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Context } from '../../src/context.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Of, Step } from '../../src/engine/step.ts'
import type { Host, HostName, Job } from '../../src/hosts/host.ts'
import { glanceRecipe } from '../../src/services/glance/recipe.ts'
import { keystoneRecipe } from '../../src/services/keystone/recipe.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import { askKeys, askStage, bytesOf, compareStage } from '../../src/transfer/stage.ts'
import { stageSteps } from '../../src/transfer/stage-steps.ts'
import { asideStep, treeSteps } from '../../src/transfer/tree-steps.ts'
import { type Side, startSide } from './sides.ts'

const own = ['/srv', '/var/lib/swapctl', '/etc/glance']
const path = '/srv/images'
let source: Side
let target: Side
const jobs: Job[] = []
const hosts = (name: HostName): Host => {
  if (name !== 'source') return target.host
  const spawn: Host['spawn'] = async (command) => {
    const job = await source.host.spawn(command)
    jobs.push(job)
    return job
  }
  return { ...source.host, spawn }
}
const tools = { hosts, fixups: async () => '' }
const contextWith = (stageRate: number): Context =>
  ({ config: { name: 'swap', stageRate }, hosts, survey: { services: [] } }) as unknown as Context
const context = contextWith(0)
const glance: Recipe = {
  ...glanceRecipe,
  storage: glanceRecipe.storage.map((one) => ({ ...one, owner: 'games:games' })),
}
const only = <T>(all: readonly T[]): T => {
  expect(all).toHaveLength(1)
  return all[0] as T
}
const stageStep = (of = context): Step => only(stageSteps(of, glance))
const filesStep = (): Step => only(treeSteps(context, glance, []))
const doStep = async (step: Step): Promise<string> => {
  for (const action of await step.run()) await perform(action, tools)
  return (await step.proof?.()) ?? ''
}
const revert = async (step: Step) => {
  for (const action of await step.undo()) await perform(action, tools)
}
const states = async () => {
  const { files = [] } = await askStage(target.host, path)
  return Object.fromEntries(files.map((file) => [file.path, file.state]).sort())
}
const inodes = (side: Side, at: string) => side.sh(`cd ${at}; find . -type f -printf '%p %i\\n' | sort`)
/** Everything but times of change and of directories; tar keeps whole seconds. */
const picture = (side: Side) =>
  side.sh(
    `cd ${path}; find . -printf '%p %y %m %u:%g %l\\n' | sort; find . -type f -printf '%p %s %Ts\\n' | sort; find . -type f -print0 | sort -z | xargs -0r sha256sum`,
  )
const piped = async (step: Step) => (await step.run()).find((action): action is Of<'pipe'> => action.kind === 'pipe')

// The source's programs give way to all others: on a busy machine they take their time.
vi.setConfig({ testTimeout: 900_000 })

beforeAll(async () => {
  ;[source, target] = await Promise.all([startSide('source', own), startSide('target', own)])
})
afterAll(() => Promise.all([source?.stop(), target?.stop()]))

beforeEach(async () => {
  for (const side of [source, target])
    await side.sh(`awk '$5 ~ "^/srv/." { print $5 }' /proc/self/mountinfo | tac | while read -r at; do umount "$at"; done
      rm -rf /srv/* /var/lib/swapctl/*; mkdir ${path}
      printf '[glance_store]\nfilesystem_store_datadir = ${path}\n' > /etc/glance/glance-api.conf`)
  await source.sh(`cd ${path}; mkdir -m 750 deep
    head -c 3000000 /dev/urandom > one; head -c 2000000 /dev/urandom > 'deep/two of them'; printf three > three
    chmod 600 one; chown -R games:games .; chown root three; touch -d '2020-01-02 03:04:05.678901234' one`)
})

test('what was staged and did not change is in the target at the freeze without being copied again', async () => {
  await target.sh(`printf own > ${path}/own`)
  const before = await picture(source)
  expect(await doStep(stageStep())).toBe(
    `${path}: 3 of 3 files are staged, 4.8 MiB, read back with the SHA-256 of the source`,
  )
  expect(await picture(source)).toBe(before)
  expect(await target.sh(`ls -A ${path}; ls -ld ${path}.swapctl-stage; stat -c %a ${path}.swapctl-stage/list`)).toMatch(
    /^own\ndrwx------ .* root root .*\n600$/,
  )
  const staged = await target.sh(`ls -i ${path}.swapctl-stage | awk '{ print $1 }' | sort`)
  expect(await doStep(filesStep())).toBe(
    `${path}: 3 files equal by SHA-256, mode and owner; staged before the freeze and unchanged since: 3 of 4.8 MiB; copied in the freeze: 0 of 0 B; 1 original entries of the target are kept beside it until finish`,
  )
  expect(await picture(target)).toBe(await picture(source))
  for (const line of (await inodes(target, path)).split('\n')) expect(staged).toContain(line.split(' ').at(-1))
})

test('what changed, came or went after it was staged is copied at the freeze, also behind the same size and time', async () => {
  await doStep(stageStep())
  await source.sh(`cd ${path}; was=$(stat -c %y one); printf X | dd of=one conv=notrunc status=none; touch -d "$was" one
    rm three; mkdir new; printf new > new/file; ln -s ../one new/link; ln 'deep/two of them' again; mkfifo new/pipe`)
  expect(await doStep(filesStep())).toBe(`${path}: 4 files equal by SHA-256, mode and owner`)
  expect(await picture(target)).toBe(await picture(source))
})

test('a file of another mode or owner is staged anew, and the rest is taken', async () => {
  await doStep(stageStep())
  await source.sh(`cd ${path}; chmod 640 one; printf more > more`)
  const again = await piped(stageStep())
  expect(again?.from.stdin?.split('\0').sort()).toEqual(['', './more', './one'])
  expect(await doStep(filesStep())).toContain(
    'staged before the freeze and unchanged since: 2 of 1.9 MiB; copied in the freeze: 2 of 2.9 MiB',
  )
  expect(await picture(target)).toBe(await picture(source))
})

test('names of every kind, holes and files with several names arrive', async () => {
  await source.sh(`cd ${path}; rm -r *; mkdir $'a\\nb'; printf x > $'a\\nb/new\\nline'; printf y > $'b\\377'; printf z > '$(touch owned)]\`touch owned\`%s'; printf ö > 'проект "δ"'
    printf w > -n; truncate -s 60M sparse; printf end >> sparse; printf two > first; ln first second; : > empty`)
  expect(await doStep(stageStep())).toContain('7 of 7 files are staged')
  expect(await doStep(filesStep())).toContain(
    ': 9 files equal by SHA-256, mode and owner; staged before the freeze and unchanged since: 7 of',
  )
  expect(await picture(target)).toBe(await picture(source))
  expect(Number(await target.sh(`stat -c %b ${path}/sparse`))).toBeLessThan(2000)
  expect(await target.sh(`stat -c %h ${path}/first`)).toBe('2')
})

test('a copy that broke off continues behind the last whole file', async () => {
  await source.sh(`cd ${path}; for n in 1 2 3 4; do head -c 1000000 /dev/urandom > "part $n"; done`)
  const slow = contextWith(1_000_000)
  const broken = doStep(stageStep(slow))
  broken.catch(() => {})
  for (;;) {
    await sleep(200)
    if (Object.keys(await states()).length >= 2) break
  }
  jobs.at(-1)?.kill()
  await expect(broken).rejects.toThrow()
  const arrived = await inodes(target, `${path}.swapctl-stage`)
  const { files = [] } = await askStage(target.host, path)
  const rest = compareStage(await askKeys(source.host, path), files)
  expect(rest.same.length).toBeGreaterThan(1)
  expect((await piped(stageStep()))?.bytes).toBe(bytesOf(rest.fetch))
  expect(await doStep(stageStep())).toContain('7 of 7 files are staged')
  const whole = await inodes(target, `${path}.swapctl-stage`)
  for (const line of arrived.split('\n')) if (!/\.\/(list|part) /.test(line)) expect(whole).toContain(line)
})

test('the source is read no faster than the rate', async () => {
  await source.sh(`cd ${path}; rm -r *; head -c 3000000 /dev/urandom > one`)
  await sleep(2100)
  const began = Date.now()
  await doStep(stageStep(contextWith(1_000_000)))
  expect(Date.now() - began).toBeGreaterThan(2700)
})

test('a file that is being written is left to the freeze', async () => {
  const writing = source.host.spawn({
    argv: ['sh', '-c', `for i in $(seq 3000); do sleep 0.2; echo more >> ${path}/three; done`],
  })
  await sleep(500)
  expect(await doStep(stageStep())).toMatch(
    /: 2 of 3 files are staged, .*; 1 that changed meanwhile are left to the freeze/,
  )
  ;(await writing).kill()
  await sleep(500)
  expect(await doStep(filesStep())).toContain('unchanged since: 2 of')
  expect(await picture(target)).toBe(await picture(source))
})

describe('a full disk', () => {
  beforeEach(() => target.sh(`mount -t tmpfs -o size=8m tmpfs ${path}`))

  test('is told before anything is copied, with what is needed', async () => {
    await source.sh(`head -c 9000000 /dev/urandom > ${path}/large`)
    await expect(stageStep().run()).rejects.toThrow(
      `13.4 MiB are still to be staged for ${path}, and 8.0 MiB are free on its file system`,
    )
  })

  test('in the middle stops the copy, and what has arrived counts', async () => {
    const step = stageStep()
    const actions = await step.run()
    await target.sh(`head -c 4500000 /dev/zero > ${path}/.swapctl-filler`)
    const all = async () => {
      for (const action of actions) await perform(action, tools)
    }
    await expect(all()).rejects.toThrow(
      /no space left in \/srv\/images\/\.swapctl-stage: 0\.00\d GB are still to come, 0\.00\d GB are free/,
    )
    await target.sh(`rm ${path}/.swapctl-filler`)
    expect(await doStep(stageStep())).toContain('3 of 3 files are staged')
    expect(await doStep(filesStep())).toContain('unchanged since: 3 of')
  })
})

test('after a revert the stage serves the next migrate, and the target has its own files again', async () => {
  await target.sh(`printf own > ${path}/own`)
  await doStep(stageStep())
  const step = filesStep()
  const undo = await step.undo()
  for (const turn of ['first', 'second']) {
    expect(await doStep(filesStep()), turn).toContain('unchanged since: 3 of')
    for (const action of undo) await perform(action, tools)
    expect(await target.sh(`ls -A ${path}`)).toBe('own')
    expect(Object.values(await states())).toEqual(['ready', 'ready', 'ready'])
  }
})

test('a migrate that broke off begins again with the staged files', async () => {
  await doStep(stageStep())
  await doStep(filesStep())
  await source.sh(`printf late > ${path}/late`)
  expect(await doStep(filesStep())).toContain('unchanged since: 3 of 4.8 MiB; copied in the freeze: 1 of 4 B')
  await revert(filesStep())
})

test('what the new service changed in a staged file is noticed: it is copied again', async () => {
  await doStep(stageStep())
  await doStep(filesStep())
  await target.sh(
    `cd ${path}; was=$(stat -c %y one); printf X | dd of=one conv=notrunc status=none; touch -d "$was" one; chmod 777 three`,
  )
  expect(await states()).toMatchObject({ './one': 'unproved', './three': 'unproved' })
  expect(await doStep(filesStep())).toContain('unchanged since: 1 of 1.9 MiB; copied in the freeze: 2 of 2.9 MiB')
  expect(await picture(target)).toBe(await picture(source))
  expect(await doStep(stageStep())).toMatch(/: 1 of 3 files are staged/)
  expect(await doStep(stageStep())).toContain('3 of 3 files are staged')
})

test('a bit that the disk lost is found when the copy is read back', async () => {
  const step = stageStep()
  const actions = await step.run()
  for (const action of actions.slice(0, -1)) await perform(action, tools)
  expect(Object.values(await states())).toEqual(['unproved', 'unproved', 'unproved'])
  await target.sh(
    `cd ${path}.swapctl-stage; for one in *; do [ "$(stat -c %s "$one")" != 3000000 ] || { was=$(stat -c %y "$one"); printf X | dd of="$one" conv=notrunc status=none; touch -d "$was" "$one"; }; done`,
  )
  await perform(actions.at(-1) as (typeof actions)[number], tools)
  expect(await states()).toEqual({ './deep/two of them': 'ready', './three': 'ready' })
})

test('a list that a crash cut off counts as far as it is whole', async () => {
  await doStep(stageStep())
  await target.sh(`cd ${path}.swapctl-stage; truncate -s -7 list`)
  expect(Object.keys(await states())).toHaveLength(2)
  expect(await doStep(stageStep())).toContain('3 of 3 files are staged')
  expect(await target.sh(`ls ${path}.swapctl-stage | wc -l`)).toBe('4')
})

test('what is gone on the source is removed from the stage, and finish removes all of it', async () => {
  await doStep(stageStep())
  await source.sh(`rm ${path}/one`)
  expect(await doStep(stageStep())).toContain('2 of 2 files are staged')
  expect(await target.sh(`ls ${path}.swapctl-stage | wc -l`)).toBe('3')
  await doStep(filesStep())
  await expect(asideStep(context).proof?.()).rejects.toThrow('images.swapctl-stage')
  expect(await doStep(asideStep(context))).toBe('nothing left')
  expect(await target.sh('ls -A /srv')).toBe('images')
  expect(await picture(target)).toBe(await picture(source))
})

test('of a directory that both sides have, nothing is staged, and nothing is written into it', async () => {
  const share = await source.sh('mktemp -d -p /tmp')
  await source.sh(`printf shared > ${share}/one; chown -R games:games ${share}`)
  for (const side of [source, target]) await side.sh(`mount --bind ${share} ${path}`)
  const before = await source.sh(`stat -c %z ${share}`)
  expect(await stageStep().run()).toEqual([])
  expect(await doStep(stageStep())).toContain('nothing to stage')
  expect(await source.sh(`stat -c %z ${share}; ls -A ${share}`)).toBe(`${before}\none`)
  for (const side of [source, target]) await side.sh(`umount ${path}`)
  const step = stageStep()
  const actions = await step.run()
  for (const side of [source, target]) await side.sh(`mount --bind ${share} ${path}`)
  for (const action of actions.slice(0, 2)) await perform(action, tools)
  expect(await source.sh(`ls -A ${share}`)).toBe('one')
  await source.sh(`rm -r ${share}`)
})

test('keys are left to the freeze', () => {
  expect(stageSteps(context, keystoneRecipe as Recipe)).toEqual([])
})
