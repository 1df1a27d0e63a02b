import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import { wayOn } from '../../src/cutover/attempt.ts'
import { asBegun, home, type PutBack } from '../../src/cutover/rollback/data.ts'
import { scriptOf } from '../../src/cutover/rollback/script.ts'
import { type Asked, parseState, type SideState, sideText } from '../../src/cutover/rollback/state.ts'
import type { Entry, Event } from '../../src/engine/journal.ts'

const side = (state: SideState['state']): SideState => ({
  state,
  at: '2026-11-27T12:00:00Z',
  why: 'because',
  left: 42,
  insists: false,
})

const journal = (...events: readonly Event[]): { entries: readonly Entry[] } => ({
  entries: events.map((event) => ({ at: '2026-11-27T12:00:00Z', ...event })),
})
const begun = (step: string): Event => ({
  event: 'begun',
  step,
  phase: 'cutover',
  title: step,
  machines: [],
  undo: [],
})
const done = (step: string): readonly Event[] => [begun(step), { event: 'done', step }]
const undoing = (step: string): Event => ({ event: 'undoing', step })

const both = done('cutover/arm')

describe('how an interrupted cutover goes on', () => {
  const cases: readonly (readonly [string, readonly Event[], Asked, Asked, 'on' | 'back' | 'unknown'])[] = [
    ['both are armed', both, side('armed'), side('armed'), 'on'],
    ['arming was broken off, and the source is not armed', [begun('cutover/arm')], 'none', side('armed'), 'on'],
    ['the source is not armed any more', both, 'none', side('armed'), 'back'],
    ['the target has put back', both, side('armed'), side('put-back'), 'back'],
    ['both have put back', both, side('put-back'), side('put-back'), 'back'],
    ['the target is confirmed, the source does not know', both, side('armed'), side('confirmed'), 'on'],
    ['the target is confirmed, the source has taken the addresses', both, side('put-back'), side('confirmed'), 'back'],
    ['all of it is confirmed', [...both, ...done('cutover/confirm')], 'none', side('sealed'), 'on'],
    ['the source is silent', both, 'silent', side('armed'), 'unknown'],
    ['the target is silent, and may have been confirmed', both, side('armed'), 'silent', 'unknown'],
    ['a machine is silent after the confirmation', [...both, ...done('cutover/confirm')], 'silent', 'silent', 'on'],
    ['a machine is silent in a revert', [...both, undoing('cutover/move')], side('armed'), 'silent', 'unknown'],
    [
      'a revert was broken off',
      [...both, ...done('cutover/confirm'), undoing('cutover/confirm')],
      'none',
      side('sealed'),
      'back',
    ],
    [
      'a revert before this attempt does not count',
      [...both, undoing('cutover/arm'), ...both],
      side('armed'),
      side('armed'),
      'on',
    ],
  ]
  test.each(cases)('%s', (_, events, source, target, way) => {
    expect(wayOn(journal(...events), { source, target })).toBe(way)
  })
})

describe('a cutover that an earlier run has begun', () => {
  const config = { budget: 120 } as Config
  const off = {} as Config
  const undone = (step: string): Event => ({ event: 'undone', step })
  test.each([
    ['has not begun', [...done('cutover/check')], 120, undefined],
    ['was armed', both, 120, 60],
    ['has moved without', done('cutover/move'), undefined, undefined],
    ['has written files without', [begun('cutover/persist-source')], undefined, undefined],
    ['has moved armed', [...both, ...done('cutover/move')], 120, 60],
    ['was armed and has gone back', [...both, undone('cutover/arm')], 120, undefined],
  ] as const)('that %s goes on so', (_, events, set, without) => {
    expect(asBegun(config, journal(...events)).budget).toBe(set)
    expect(asBegun(off, journal(...events)).budget).toBe(without)
  })
})

test("a machine's rollback state is parsed; incomplete output is no state", () => {
  expect(parseState('armed\n2026-11-27T12:00:00Z\nuntil it is confirmed\n160\n100.25\n')).toEqual({
    state: 'armed',
    at: '2026-11-27T12:00:00Z',
    why: 'until it is confirmed',
    left: 60,
    insists: false,
  })
  expect(parseState('put-back\n2026-11-27T12:00:00Z\nwhy\n160\n100.25\ninsist\n')?.insists).toBe(true)
  expect(parseState('')).toBeUndefined()
})

test('the text says until when a side is armed, and what it has done', () => {
  const now = new Date('2026-11-27T12:00:00Z')
  expect(sideText('target', side('armed'), now)).toContain('rollback timer runs until 12:00:42 UTC')
  expect(sideText('source', { ...side('armed'), left: -3 }, now)).toContain('rollback timer expired at 11:59:57')
  expect(sideText('target', side('put-back'), now)).toBe('target: rolled back 2026-11-27T12:00:00Z: because')
  expect(sideText('target', side('sealed'), now)).toBe('target: confirmed at 2026-11-27T12:00:00Z: because')
  expect(sideText('source', 'none', now)).toBeUndefined()
})

const putBack: PutBack = {
  side: 'source',
  budget: 64,
  places: [{ address: '10.20.0.10', prefix: 24, device: 'eth0', broadcast: '10.20.0.255', label: 'eth0:1' }],
  files: [
    {
      before: { path: "/etc/network/it's $(here)", mode: '0644', owner: 'root:root', content: 'a' },
      path: "/etc/network/it's $(here)",
      after: 'b',
    },
  ],
  readers: ['netplan', 'networkd'],
  settings: ['net/ipv4/conf/eth0/promote_secondaries=0'],
  peers: ['02:20:00:0c:00:00'],
}

test.each(['source', 'target'] as const)(
  'the script of the %s is one that sh can read, whatever its files are called',
  (name) => {
    const script = scriptOf({ ...putBack, side: name })
    expect(() => execFileSync('sh', ['-n'], { input: script })).not.toThrow()
    expect(script).toContain(`put '/etc/network/it'\\''s $(here)' 0644 root:root "$1-1"`)
  },
)

test('a file that the cutover makes exists only after it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'swapctl-putback-'))
  const path = join(directory, 'e0.network.d/api.conf')
  const [user, group] = execFileSync('stat', ['-c', '%U %G', directory], { encoding: 'utf8' }).trim().split(' ')
  const before = {
    path: '/usr/lib/systemd/network/e0.network.d/api.conf',
    mode: '0640',
    owner: `${user}:${group}`,
    content: 'a',
  }
  const text = scriptOf({ ...putBack, files: [{ before, path, after: 'b' }], readers: [] }).replaceAll(home, directory)
  const script = join(directory, 'files.sh')
  writeFileSync(script, text.replace(/^token=[\s\S]*$/m, 'files "$1"\n'))
  writeFileSync(join(directory, 'after-1'), 'b')
  try {
    for (let turn = 0; turn < 2; turn += 1) {
      execFileSync('sh', [script, 'after'])
      expect(readFileSync(path, 'utf8')).toBe('b')
      expect(statSync(path).mode & 0o777).toBe(0o640)
      execFileSync('sh', [script, 'before'])
      expect(readdirSync(directory).filter((name) => name.startsWith('e0'))).toEqual([])
    }
    execFileSync('sh', [script, 'before'])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a source without a link, or just booted, decides as soon as it can', () => {
  const directory = mkdtempSync(join(tmpdir(), 'swapctl-putback-'))
  const [script, at] = [join(directory, 'putback.sh'), (name: string) => join(directory, name)]
  const read = (name: string) => readFileSync(at(name), 'utf8')
  // No machine answers, there are no pauses, the link is back after twenty seconds, and in the end a revert takes over.
  const around = `carrier() { test -e link; }
pause() {
  echo "$1" >>pauses
  test "$(wc -l <pauses)" -lt 20 || : >link
  test "$(wc -l <pauses)" -lt 100 || rm -f token
}
heard() { false; }
start() { echo "$@" >>started; }
come() { echo come >>came; }
announce_one() { :; }
set_kernel() { :; }
token=`
  const text = scriptOf({ ...putBack, files: [], readers: [] })
  writeFileSync(
    script,
    text
      .replaceAll(home, directory)
      .replace('-lt 900', '-lt 4')
      .replace(/^token=/m, around),
  )
  const run = (...words: readonly string[]) => execFileSync('sh', [script, ...words])
  try {
    run('arm')
    run('timer', read('token').trim())
    expect(read('pauses').trim().split('\n').at(-1)).toBe('30')
    expect(read('state')).toMatch(/^put-back\n.*\nnot confirmed within 64 s, and nobody had the addresses\n$/)

    writeFileSync(at('state'), 'armed\nthen\nuntil it is confirmed\n')
    writeFileSync(at('deadline'), '4000000000\n')
    run('boot')
    expect(Number(read('deadline'))).toBeLessThan(4_000_000_000)
    expect(read('started').split('\n').at(-2)).toContain('--on-active=2')

    // Rolled back before the boot: no file needs to give an address that a manager used to set.
    const came = read('came')
    writeFileSync(at('state'), 'put-back\nthen\nnot confirmed\n')
    writeFileSync(at('token'), 'again\n')
    run('boot')
    expect(read('came')).toBe(came)
    run('timer', 'again')
    expect(read('came')).toBe(`${came}come\n`)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
