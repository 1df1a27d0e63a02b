import { expect, test } from 'vitest'
import { unitFiles } from '../../src/ask/facts.ts'
import { parsePairs } from '../../src/ask/file-states.ts'
import type { Entry, Event } from '../../src/engine/journal.ts'
import type { Action } from '../../src/engine/step.ts'
import { stoodStill } from '../../src/source/written.ts'
import { changedBySwap, compareFingerprints, type Known } from '../../src/verify/changed-since.ts'

const hash = (letter: string): string => letter.repeat(64)
const before = {
  tables: { 'a.t': '1', 'a.u': '2' },
  files: { '/x': `${hash('a')} 644 root:root`, '/y': 'link 777 root:root /z' },
  units: { 'nova-api': 'masked, stopped', cron: 'enabled' },
  addresses: { '10.0.0.10': 'eth0/24', '10.0.0.11': 'eth0/24' },
}
const own: Known = { files: new Set(), masked: new Set(), moving: 'source', addresses: ['10.0.0.10'] }
const says = (after: typeof before, known = own): readonly string[] =>
  compareFingerprints(before, after, known).map((found) => `${found.what} ${found.name} ${found.says}`)

test('a changed, a new and a missing entry are each named', () => {
  expect(says(before)).toEqual([])
  expect(says({ ...before, tables: { 'a.t': '3', 'a.v': '1' } as never })).toEqual([
    'table a.t changed since the freeze',
    'table a.u existed at the freeze and is gone',
    'table a.v is new since the freeze',
  ])
  expect(says({ ...before, files: { '/x': `${hash('b')} 644 root:root`, '/y': 'link 777 root:root /w' } })).toEqual([
    'file /x changed since the freeze',
    'file /y was 777 root:root /z at the freeze and is 777 root:root /w',
  ])
  expect(says({ ...before, files: { ...before.files, '/x': `${hash('a')} 600 root:nova` } })).toEqual([
    'file /x was 644 root:root at the freeze and is 600 root:nova',
  ])
  expect(says({ ...before, units: { 'nova-api': 'masked, running', cron: 'disabled' } })).toEqual([
    'unit nova-api was masked, stopped at the freeze and is masked, running',
    'unit cron was enabled at the freeze and is disabled',
  ])
  expect(says({ ...before, addresses: { '10.0.0.11': 'eth1/24' } as never })).toEqual([
    'address 10.0.0.10 existed at the freeze and is gone',
    'address 10.0.0.11 was on eth0/24 at the freeze and is on eth1/24',
  ])
})

test("the swap's own changes are no alarm; an address that comes back is", () => {
  const moved = { ...before, addresses: { '10.0.0.11': 'eth0/24' } as never }
  expect(says(moved, { ...own, moving: 'target' })).toEqual([])
  expect(says(moved, { ...own, moving: 'either' })).toEqual([])
  expect(says(before, { ...own, moving: 'either' })).toEqual([])
  expect(says(before, { ...own, moving: 'target' })).toEqual([
    'address 10.0.0.10 has moved to the target but is on eth0/24 again',
  ])
  expect(
    says({ ...before, files: { ...before.files, '/etc/systemd/system/swapctl-back.timer': hash('a') } as never }),
  ).toEqual([])
  expect(says({ ...before, files: { '/y': before.files['/y'] } as never }, { ...own, files: new Set(['/x']) })).toEqual(
    [],
  )
})

const journal = (...events: readonly Event[]): readonly Entry[] => events.map((event) => ({ at: '', ...event }))
const begun = (step: string, ...undo: readonly Action[]): Event => ({
  event: 'begun',
  step,
  phase: 'cutover',
  title: step,
  machines: [],
  undo,
})
const write = (on: 'source' | 'target', path: string): Action => ({
  kind: 'write',
  on,
  path,
  mode: '0644',
  content: '',
})

test('the journal tells what the swap has changed, until it is undone', () => {
  const persist = begun('cutover/persist-source', write('source', '/etc/net'), write('target', '/etc/other'))
  const done = { event: 'done', step: 'cutover/move' } as const
  const all = journal(persist, begun('cutover/move'), done)
  expect(changedBySwap(all)).toEqual({ files: new Set(['/etc/net']), masked: new Set(), moving: 'target' })
  expect(changedBySwap(all.slice(0, 2)).moving).toBe('either')
  expect(changedBySwap([])).toEqual({ files: new Set(), masked: new Set(), moving: 'source' })
  const back = journal(
    persist,
    begun('cutover/move'),
    done,
    { event: 'undone', step: 'cutover/move' },
    { event: 'undone', step: 'cutover/persist-source' },
  )
  expect(changedBySwap(back)).toEqual({ files: new Set(), masked: new Set(), moving: 'source' })
})

test('a unit masked by the cutover may be masked, and nothing else', () => {
  const unmask: Action = { kind: 'exec', on: 'source', argv: ['systemctl', 'unmask', '--quiet', 'keepalived.service'] }
  const frozen: Action = { ...unmask, argv: ['systemctl', 'unmask', 'nova-api.service'] }
  const known = changedBySwap(journal(begun('nova/close', frozen), begun('cutover/take-over', unmask)))
  expect([...known.masked]).toEqual(['keepalived'])
  // The mask is a file.
  expect([...known.files]).toEqual(['/etc/systemd/system/keepalived.service'])
  expect(changedBySwap(journal(begun('cutover/take-over', unmask)), ['source:ctl2']).masked.size).toBe(0)
  const was = { ...before, units: { ...before.units, keepalived: 'enabled' } }
  const seen = (units: Readonly<Record<string, string>>) =>
    compareFingerprints(was, { ...was, units: { ...was.units, ...units } }, { ...own, masked: known.masked }).map(
      ({ name, says }) => `${name} ${says}`,
    )
  expect(seen({ keepalived: 'masked' })).toEqual([])
  expect(seen({ keepalived: 'disabled' })).toEqual(['keepalived was enabled at the freeze and is disabled'])
  expect(seen({ 'nova-api': 'not masked, stopped' })).toHaveLength(1)
})

test('counters from another run of the server prove nothing', () => {
  const written = { started: 1000, counters: 'Handler_write 5' }
  expect(stoodStill(written, { started: 1001, counters: 'Handler_write 5' })).toBe(true)
  expect(stoodStill(written, { started: 1000, counters: 'Handler_write 6' })).toBe(false)
  expect(stoodStill(written, { started: 1600, counters: 'Handler_write 5' })).toBe(false)
})

test('names are parsed whatever they contain; transient units are left out', () => {
  expect(parsePairs(['/etc/a\nb', '644 root:root ', '/etc/c', '777 root:root /d', ''].join('\0'))).toEqual({
    '/etc/a\nb': '644 root:root ',
    '/etc/c': '777 root:root /d',
  })
  expect(
    unitFiles.parse(
      'cron.service   enabled enabled\nrun-u3.service transient -\n  nova-api.service masked-runtime\nx@.service static -\n',
    ),
  ).toEqual({ cron: 'enabled', 'x@': 'static' })
})
