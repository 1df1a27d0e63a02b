import { expect, test } from 'vitest'
import type { CheckContext } from '../src/ask/check.ts'
import { refuseBeyond, sideChecks } from '../src/checks/sides.ts'
import type { Config } from '../src/config.ts'
import { refuseUndeclared } from '../src/engine/declared.ts'
import { exec, nothing, type Step } from '../src/engine/step.ts'
import { isSide, sideOf } from '../src/hosts/host.ts'
import { openHosts } from '../src/hosts/hosts.ts'
import type { Member, Survey } from '../src/survey.ts'
import { settings, surveyed } from './fixtures/facts/survey.ts'

const [machine] = settings.source.machines
const named = (name: string) => ({ ...machine, name })
const three = { ...settings, source: { ...settings.source, machines: [named('a'), named('b'), named('c')] as const } }
const two = { ...settings, target: { machines: [named('d'), named('e')] as const } }

test('every machine of a side belongs to it and holds up a swap; a compute does not', () => {
  expect((['source', 'source:ctl1', 'target:new1', 'local', 'compute:source'] as const).map(sideOf)).toEqual([
    'source',
    'source',
    'target',
    undefined,
    undefined,
  ])
  expect((['source:ctl1', 'target', 'local', 'compute:cmp1'] as const).map(isSide)).toEqual([true, true, true, false])
})

test("each machine is found by its name, and the first also by the side's name", () => {
  const hosts = openHosts(three)
  expect(hosts('source')).toBe(hosts('source:a'))
  expect(hosts('source:c').name).toBe('source:c')
  expect(hosts('target').name).toBe('target')
  expect(() => hosts('source:d')).toThrow('no such machine in /root/swapctl.ini')
})

test('no machine of the source is changed without an undo', () => {
  const step: Step = {
    id: 'x',
    phase: 'migrate',
    title: 'x',
    after: [],
    changes: ['source:b'],
    run: nothing,
    undo: nothing,
  }
  expect(() => refuseUndeclared(step, [exec('source:b', 'true')], [])).toThrow('it would change the source')
  expect(() => refuseUndeclared(step, [exec('source:a', 'true')], [])).toThrow('it would change source:a')
})

const found = async (id: string, config: Config) =>
  (await sideChecks.find((check) => check.id === id)?.ask({ config } as CheckContext))?.map(
    ({ level, says }) => `${level}: ${says}`,
  )

test('a target of several machines is refused before anything is changed, and an even number is reported', async () => {
  expect(() => refuseBeyond(settings)).not.toThrow()
  expect(() => refuseBeyond(three)).not.toThrow()
  expect(() => refuseBeyond(two)).toThrow(expect.objectContaining({ where: '/root/swapctl.ini', exitCode: 2 }))
  expect([await found('both/machines', settings), await found('both/quorum', settings)]).toEqual([[], []])
  expect(await found('both/machines', three)).toEqual([])
  expect(await found('both/machines', two)).toEqual([
    'block: the target has 2 machines: swapctl can only set up one, without Galera',
  ])
  expect(await found('both/quorum', three)).toEqual([])
  expect(await found('both/quorum', two)).toEqual([
    'warn: the target has 2 machines: when half of them fail, no majority is left',
  ])
})

test('one machine, reached by two of its addresses, is found by its name and interfaces', async () => {
  const ask = (survey: Survey) =>
    sideChecks.find(({ id }) => id === 'both/one-machine')?.ask({ config: three, survey } as unknown as CheckContext)
  const member = (name: 'source:a' | 'source:b', side: Survey['source']): Member => ({
    name,
    side,
    running: [],
    trees: {},
    clients: 0,
  })
  const other = { ...surveyed.source, hostname: 'ctl2' }
  expect(await ask({ ...surveyed, members: [member('source:a', surveyed.source), member('source:b', other)] })).toEqual(
    [],
  )
  const same = [member('source:a', surveyed.source), member('source:b', surveyed.source)] as const
  expect((await ask({ ...surveyed, members: same, target: surveyed.source }))?.map(({ says }) => says)).toEqual([
    '[source a] and [source b] are one machine: host name and network interfaces are the same',
    '[source a] and [target] are one machine: host name and network interfaces are the same',
    '[source b] and [target] are one machine: host name and network interfaces are the same',
  ])
})
