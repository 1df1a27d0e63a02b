import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listenAddress, listenAddresses } from '../../src/target/listen.ts'
import { optionFile, serverDefaults, serverSettings, unmet } from '../../src/target/mariadb-settings.ts'
import { listensAt, memcachedFile } from '../../src/target/memcached-settings.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'

const recorded = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/facts', name), 'utf8')
const defaults = serverDefaults.parse(recorded('mariadbd-help-11.8.txt'))

describe("MariaDB's settings", () => {
  const found = serverSettings({ config: settings, survey: surveyed }, defaults)
  const value = (name: string): string | undefined => found.find((one) => one.name === name)?.value

  test('are read from the server program without starting it', () => {
    expect(defaults).toMatchObject({ max_connections: '151', innodb_strict_mode: 'TRUE', wait_timeout: '28800' })
  })

  test("a limit is the source's, but at least the target's default", () => {
    expect(value('max_connections')).toBe('500')
    const modest = { ...surveyed, source: { ...surveyed.source, mariadb: { max_connections: '100' } } }
    const settled = serverSettings({ config: settings, survey: modest }, defaults)
    expect(settled.find((one) => one.name === 'max_connections')?.value).toBe('151')
  })

  test("a buffer takes at most half of the target's memory", () => {
    expect(Number(value('innodb_buffer_pool_size'))).toBeLessThanOrEqual(8e9)
    expect(Number(value('innodb_buffer_pool_size')) % 2 ** 20).toBe(0)
  })

  test('charsets and collations keep their meaning under their new names', () => {
    expect(value('character_set_server')).toBe('utf8mb3')
    expect(value('collation_server')).toBe('utf8mb3_unicode_ci')
    expect(value('character_set_collations')).toBe('utf8mb3=utf8mb3_general_ci,utf8mb4=utf8mb4_general_ci')
  })

  test('innodb_snapshot_isolation is off, unless the old server had it on', () => {
    expect(defaults['innodb_snapshot_isolation']).toBe('TRUE')
    expect(value('innodb_snapshot_isolation')).toBe('OFF')
    const mariadb = { ...surveyed.source.mariadb, innodb_snapshot_isolation: 'ON' }
    const newer = serverSettings(
      { config: settings, survey: { ...surveyed, source: { ...surveyed.source, mariadb } } },
      defaults,
    )
    expect(newer.find((one) => one.name === 'innodb_snapshot_isolation')?.value).toBe('ON')
  })

  test('variables that the target does not know, or that are not on the list, are not carried over', () => {
    expect(value('query_cache_size')).toBeUndefined()
    const older = serverSettings({ config: settings, survey: surveyed }, { max_connections: '151' })
    expect(older.map((one) => one.name)).toEqual(['max_connections', 'bind_address'])
  })

  test('the option file has an empty value as an empty string', () => {
    expect(optionFile([{ name: 'sql_mode', value: '', rule: 'same' }])).toContain("sql_mode = ''")
  })

  test('the running server is compared by meaning, and each difference is named', () => {
    const running = Object.fromEntries(found.map(({ name, value: text }) => [name, text]))
    expect(unmet(found, running)).toEqual([])
    expect(
      unmet(found, { ...running, sql_mode: 'NO_ENGINE_SUBSTITUTION,STRICT_TRANS_TABLES', max_connections: '600' }),
    ).toEqual([])
    expect(unmet(found, { ...running, sql_mode: 'STRICT_TRANS_TABLES', max_connections: '151' })).toEqual([
      'max_connections is 151, not 500',
      'sql_mode is STRICT_TRANS_TABLES, not STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',
    ])
  })
})

describe('listen addresses', () => {
  test("moving ones stay, the source's own become their counterpart, unknown ones have no answer", () => {
    const at = (address: string): string | undefined => listenAddress(settings, address)
    expect(['10.20.0.10', '10.30.0.11', '127.0.0.1', '*', '0.0.0.0', '::1'].map(at)).toEqual([
      '10.20.0.10',
      '10.30.0.12',
      '127.0.0.1',
      '*',
      '0.0.0.0',
      '::1',
    ])
    expect(at('10.99.0.1')).toBeUndefined()
  })

  test('of a port, without duplicates', () => {
    const heard = [
      { address: '10.30.0.11', port: 5672 },
      { address: '10.30.0.11', port: 5672 },
      { address: '*', port: 22 },
    ]
    expect(listenAddresses(settings, heard, 5672)).toEqual(['10.30.0.12'])
  })
})

describe("memcached's settings", () => {
  const target = recorded('memcached-bullseye.conf')

  test("the source's size and addresses go into the target's file, and its other lines stay", () => {
    const text = memcachedFile(settings, target, '-d\n-m 512\n-u nobody\n-c 4096\n-l 127.0.0.1,10.20.0.10\n')
    expect(text).toMatch(/^-m 512$/m)
    expect(text).toMatch(/^-c 4096$/m)
    expect(text).toMatch(/^-u memcache$/m)
    expect(text.match(/^-m /gm)).toHaveLength(1)
    expect(listensAt(text)).toEqual({ port: 11211, addresses: ['127.0.0.1', '10.20.0.10'] })
  })

  test('without an address it listens everywhere', () => {
    expect(listensAt('-d\n-m 64\n-p 11311\n# -l 127.0.0.1\n')).toEqual({ port: 11311, addresses: [] })
  })
})

describe('where the target listens', () => {
  const config = {
    ...settings,
    addresses: ['10.20.0.10', 'fd00:20::10'].map((address, at) => ({
      ...settings.addresses[0],
      name: `a${at}`,
      address,
    })) as never,
  }
  const bound = (bind: string, heard: readonly { address: string; port: number }[]) => {
    const survey = { ...surveyed, source: { ...surveyed.source, mariadb: { bind_address: bind } } }
    return serverSettings({ config, survey }, {}, heard).find(({ name }) => name === 'bind_address')?.value
  }
  const at = (address: string, port = 3306) => ({ address, port })

  test.each([
    ['what is told', '0.0.0.0', [at('0.0.0.0')], '0.0.0.0'],
    ['everywhere, when a socket unit answers at IPv6 besides', '0.0.0.0', [at('0.0.0.0'), at('::')], '*'],
    ['everywhere, when one socket of both kinds does', '0.0.0.0', [at('*')], '*'],
    ['what is told, when another server answers there', '0.0.0.0', [at('0.0.0.0'), at('::', 3307)], '0.0.0.0'],
    ['what is told, when that is both kinds', '::', [at('*')], '::'],
    ['loopback alone', '127.0.0.1', [at('127.0.0.1')], '127.0.0.1'],
  ] as const)('is %s', (_, bind, heard, value) => expect(bound(bind, heard)).toBe(value))
})
