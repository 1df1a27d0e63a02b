import { describe, expect, test } from 'vitest'
import { parseNeighbour } from '../../src/cutover/handover/neighbours.ts'
import { beforeOf, unitText } from '../../src/cutover/keepers/unit.ts'
import { staleImports } from '../../src/cutover/outage/freshness.ts'
import { expected, missing } from '../../src/cutover/outage/reports.ts'
import type { Entry } from '../../src/engine/journal.ts'

const agent = (host: string, seen: string, binary = 'nova-compute') => ({ host, binary, seen: `2026-11-21 ${seen}` })

describe('agents that must report again', () => {
  const all = [
    agent('cmp1', '00:10:00'),
    agent('cmp2.example.org', '00:09:40.123456'),
    agent('dead', '00:04:00'),
    agent('src', '00:10:01'),
    agent('src.example.org@lvm', '00:10:01', 'cinder-volume'),
  ]

  test('are those that reported until the freeze, except on the old controller', () => {
    expect(expected(all, 'src').map((it) => it.host)).toEqual(['cmp1', 'cmp2.example.org'])
    expect(expected(all, 'src.example.org').map((it) => it.host)).toEqual(['cmp1', 'cmp2.example.org'])
    expect(expected([], 'src')).toEqual([])
  })

  test.each([
    ['nobody yet', [], ['cmp1', 'cmp2.example.org']],
    ['the row that was carried over', all, ['cmp1', 'cmp2.example.org']],
    ['one in the very second of the move', [agent('cmp1', '00:20:00')], ['cmp1', 'cmp2.example.org']],
    ['one after the move', [agent('cmp1', '00:20:01')], ['cmp2.example.org']],
    ['another program of the same host', [agent('cmp1', '00:20:01', 'neutron-agent')], ['cmp1', 'cmp2.example.org']],
  ])('are missing after %s', (_what, now, late) => {
    const found = missing(expected(all, 'src'), now, '2026-11-21 00:20:00')
    expect(found.map((it) => it.host)).toEqual(late)
  })
})

describe('a boot unit', () => {
  const unit = {
    name: 'swapctl-hold',
    says: 'Held',
    commands: [['sysctl', '-w', 'a b', '100%', '$x'] as const],
    before: ['net/ipv4/conf/all/arp_ignore=0'],
  }
  test('quotes what systemd would interpret, and records the previous values', () => {
    expect(unitText(unit)).toContain('\nExecStart=sysctl -w "a b" 100%% $$x\n')
    expect(beforeOf(unitText(unit))).toEqual(['net/ipv4/conf/all/arp_ignore=0'])
    expect(beforeOf('[Unit]\nDescription=x\n')).toEqual([])
  })
})

test.each([
  ['10.20.0.10 dev eth0 lladdr 02:20:00:00:00:0b REACHABLE', '02:20:00:00:00:0b'],
  ['10.20.0.10 dev eth0 lladdr 02:20:00:00:00:0b STALE\n', '02:20:00:00:00:0b'],
  ['10.20.0.10 dev eth0  FAILED', undefined],
  ['10.20.0.10 dev eth0 INCOMPLETE', undefined],
  ['', undefined],
])('ip neigh: %s', (text, mac) => {
  expect(parseNeighbour(text)).toBe(mac)
})

describe('data on the target', () => {
  const begun = (step: string, at: string): Entry => ({
    event: 'begun',
    step,
    at,
    phase: 'migrate',
    title: '',
    machines: [],
    undo: [],
  })
  const done = (step: string, at: string): Entry => ({ event: 'done', step, at })
  const freeze = done('freeze/quiet', '2026-11-21T00:10:00Z')
  test.each<[string, readonly Entry[], readonly string[]]>([
    ['carried after the freeze', [freeze, begun('nova/import-nova', '2026-11-21T00:11:00Z')], []],
    ['carried before it', [begun('nova/import-nova', '2026-11-21T00:09:00Z'), freeze], ['nova/import-nova']],
    ['carried without one', [begun('nova/import-nova', '2026-11-21T00:09:00Z')], ['nova/import-nova']],
    [
      'carried before, undone and carried again',
      [
        begun('nova/import-nova', '2026-11-21T00:09:00Z'),
        { event: 'undone', step: 'nova/import-nova', at: '2026-11-21T00:09:30Z' },
        freeze,
        begun('nova/import-nova', '2026-11-21T00:12:00Z'),
      ],
      [],
    ],
  ])('%s', (_what, entries, stale) => {
    expect(staleImports(entries).map((finding) => finding.says.split(' ')[0])).toEqual(stale)
  })
})
