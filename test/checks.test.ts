import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { acceptances, judge } from '../src/checks/accepted.ts'
import { checks, listed } from '../src/checks/index.ts'
import { parseInodes } from '../src/checks/machines.ts'
import { parseMtu } from '../src/checks/network.ts'
import { parseVerify } from '../src/checks/packages.ts'
import { addressesOf } from '../src/checks/servers.ts'
import type { Entry } from '../src/engine/journal.ts'
import type { Finding } from '../src/engine/step.ts'
import { cases } from './live/historic-cases.ts'

test('every check has a unique id and title, a source, a reason and a remedy', () => {
  expect(checks.length).toBeGreaterThanOrEqual(80)
  expect(new Set(listed.map((check) => check.id)).size).toBe(listed.length)
  expect(new Set(listed.map((check) => check.title)).size).toBe(listed.length)
  for (const { id, title, source, why, remedy } of listed) {
    expect(id).toMatch(/^[a-z0-9_]+[/-][a-z0-9_/-]+$/)
    expect(title.length).toBeGreaterThan(3)
    expect(source.length).toBeGreaterThan(3)
    expect(why, id).toMatch(/^\S.{10,}\.$/)
    expect(remedy.length, id).toBeGreaterThan(8)
  }
})

test('every check names sources that a user can look up', () => {
  const src = join(import.meta.dirname, '../src')
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => /known failure|\bP\d{2,3}\b/.test(readFileSync(join(src, name), 'utf8')))
  expect(found).toEqual([])
})

/** Checks that are seen failing in a test that does not name their id, with the finding's words there. */
const elsewhere: Readonly<Record<string, readonly [file: string, words: string]>> = {
  'target/disk': ['swap/bad-input.test.ts', 'too little disk on the target'],
  'target/hops': ['swap/bad-input.test.ts', 'a hop environment that is named but not there'],
}

test('every check is seen failing by some test', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  const texts = files
    .filter((name) => name.endsWith('.ts') && name !== 'checks.test.ts')
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    .concat(cases.map(({ id }) => `'${id}'`))
    .join('\n')
  const told = (id: string) => {
    const [file, words] = elsewhere[id] ?? []
    return file !== undefined && readFileSync(join(import.meta.dirname, file), 'utf8').includes(words as string)
  }
  const missing = checks
    .map(({ id }) => id)
    .filter((id) => !texts.includes(`'${id}`) && !texts.includes(`${id}:`) && !told(id))
  expect(missing).toEqual([])
})

describe('an accepted finding', () => {
  const entries: readonly Entry[] = [
    { at: '1', event: 'opened', version: 1, swap: 'x' },
    { at: '2', event: 'accepted', check: 'a/one', reason: 'first' },
    { at: '3', event: 'accepted', check: 'a/one', reason: 'second' },
  ]
  const finding = (id: string, level: Finding['level']): Finding => ({ id, level, says: 'says', remedy: 'remedy' })

  test('stops nothing any more, and is shown with its latest reason', () => {
    const findings = [finding('a/one', 'block'), finding('b/two', 'block'), finding('c/three', 'warn')]
    const { blocks, warnings, accepted } = judge(findings, acceptances({ entries }))
    expect(blocks.map(({ id }) => id)).toEqual(['b/two'])
    expect(warnings.map(({ id }) => id)).toEqual(['c/three'])
    expect(accepted).toEqual([{ ...finding('a/one', 'block'), at: '3', reason: 'second' }])
  })
})

describe('program output', () => {
  test('dpkg --verify: changed files, without config files', () => {
    const text =
      '??5??????   /usr/bin/nova-manage\n??5??????   /usr/share/doc/nova/copyright\n??5?????? c /etc/nova/nova.conf\nmissing     /usr/share/doc/x\n'
    expect(parseVerify(text)).toEqual(['/usr/bin/nova-manage'])
  })

  test('df -i: free inodes, without file systems that do not count them', () => {
    const text = `Filesystem     Inodes IUsed IFree IUse% Mounted on
/dev/vda        1000   980    20   98% /
btrfs              0     0     0     - /var\n`
    expect(parseInodes(text)).toEqual([{ mount: '/', free: 0.02 }])
  })

  test('ip link: the MTU of each interface', () => {
    const text = `1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
7: eth0@if8: <BROADCAST,UP> mtu 1450 qdisc noqueue state UP mode DEFAULT\n`
    expect(parseMtu(text)).toEqual({ lo: 65536, eth0: 1450 })
  })

  test('getent ahosts: the addresses of a name, sorted', () => {
    const text = '10.0.0.2  STREAM controller\n10.0.0.2  DGRAM\n10.0.0.1  STREAM controller\n'
    expect(addressesOf(text, 'controller')).toBe('10.0.0.1, 10.0.0.2')
    expect(addressesOf(text, 'other')).toBe('')
  })
})
