import { describe, expect, test } from 'vitest'
import { summary } from '../../src/fixups/apply.ts'
import { fixupNamed } from '../../src/fixups/index.ts'
import { addressArgs, addressMap, needles } from '../../src/rewrite/address-map.ts'
import { anyOf, contains } from '../../src/rewrite/fixup.ts'
import { rewriteEndpoint, rewriteUrls } from '../../src/rewrite/urls.ts'

const args = addressArgs([
  { source: '10.30.0.11', target: '10.30.0.12' },
  { source: 'ctl1.example', target: 'ctl2.example' },
  { source: 'fd00::1', target: 'fd00::2' },
  { source: 'fd00::3', target: 'fd00::4' },
])

describe('how rows are found', () => {
  test('IPv6 by a colon, because it has several spellings, everything else literally', () => {
    expect(needles(addressMap(args))).toEqual(['10.30.0.11', 'ctl1.example', ':'])
  })

  test("text without letters by its bytes, a name by the column's collation", () => {
    expect(contains('`url`', ['10.30.0.11', 'ctl1.example', '1st.example'])).toEqual({
      sql: 'LOCATE(?, CAST(`url` AS BINARY)) > 0 OR LOCATE(?, `url`) > 0 OR LOCATE(?, `url`) > 0',
      params: ['10.30.0.11', 'ctl1.example', '1st.example'],
    })
  })

  test('no condition when there is nothing to look for', () => {
    expect(contains('`url`', [])).toEqual({ sql: 'FALSE', params: [] })
  })

  test('by any of several conditions, each with its own parameters', () => {
    const [one, two] = [contains('`a`', ['10.0.0.1', '10.0.0.2']), contains('`b`', ['x'])]
    expect(anyOf(one, two)).toEqual({
      sql: '(LOCATE(?, CAST(`a` AS BINARY)) > 0 OR LOCATE(?, CAST(`a` AS BINARY)) > 0) OR (LOCATE(?, `b`) > 0)',
      params: ['10.0.0.1', '10.0.0.2', 'x'],
    })
  })

  test('a host name by its prefix', () => {
    expect(fixupNamed('cinder-host').tables[0]?.where({ from: 'src', to: 'tgt' })).toEqual({
      sql: 'LOCATE(?, `host`) = 1',
      params: ['src'],
    })
  })
})

describe('rows with several URLs', () => {
  const row = { id: 1, public_url: 'http://10.30.0.11/', admin_url: null, internal_url: 'http://ctl1.example:5000/' }
  const columns = ['public_url', 'admin_url', 'internal_url']

  test('each URL is mapped, and nothing else', () => {
    expect(rewriteUrls(row, columns, args)).toEqual({
      ...row,
      public_url: 'http://10.30.0.12/',
      internal_url: 'http://ctl2.example:5000/',
    })
    expect(rewriteUrls(row, ['internal_url'], args)).toMatchObject({ public_url: 'http://10.30.0.11/' })
  })

  test('are the same object when none names an old address', () => {
    const other = { ...row, public_url: 'http://10.30.0.110/', internal_url: 'http://ctl3.example/' }
    expect(rewriteUrls(other, columns, args)).toBe(other)
  })

  test('a trailing dot belongs to a name but not to an address in brackets', () => {
    expect(rewriteEndpoint('http://ctl1.example./v3', addressMap(args))).toBe('http://ctl2.example/v3')
    expect(rewriteEndpoint('http://[fd00::1]./v3', addressMap(args))).toBe('http://[fd00::1]./v3')
  })
})

describe('messages for the operator', () => {
  const result = { table: 'volumes', matched: 12, changed: 4, softDeleted: 0, examples: [], notes: {} }

  test('a fixup that ran: rows per table, soft-deleted ones, and what is left', () => {
    const services = { ...result, table: 'services', matched: 2, changed: 2, softDeleted: 1, notes: { 'a is left': 3 } }
    expect(summary('cinder-host', 'cinder', [result, services])).toBe(
      'cinder-host: 4 of 12 rows in volumes, 2 of 2 rows in services (1 soft-deleted); a is left (3 rows)',
    )
  })

  test('a fixup that found none of its tables', () => {
    expect(summary('cinder-host', 'nova', [])).toBe('cinder-host: none of its tables in nova')
  })

  test.each([
    ['', 'addresses is not JSON'],
    ['{', 'addresses is not JSON'],
    ['null', 'addresses is not a JSON object of old and new addresses'],
    ['["10.0.0.1"]', 'addresses is not a JSON object of old and new addresses'],
    ['"10.0.0.1"', 'addresses is not a JSON object of old and new addresses'],
    ['{"10.0.0.1": " "}', 'the new address of 10.0.0.1 is empty'],
    ['{"10.0.0.1": 7}', 'the new address of 10.0.0.1 is empty'],
    ['{"": "10.0.0.2"}', 'the new address of nothing is empty'],
    ['{"10.0.0.1": "10.0.0.2", "10.0.0.2": "10.0.0.3"}', '10.0.0.2 is the new address of one machine and the old one'],
  ])('invalid addresses: %s', (addresses, says) => {
    expect(() => addressMap({ addresses })).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(says) }),
    )
  })

  test('blanks around an address are ignored, and two swapped ones are refused', () => {
    expect([...addressMap({ addresses: '{" 10.0.0.1 ": " 10.0.0.2"}' })]).toEqual([['10.0.0.1', '10.0.0.2']])
    expect(() => addressMap({ addresses: '{"fd00::1": "FD00:0::2", "fd00::2": "fd00::1"}' })).toThrow('fd00::2 is')
  })

  test('an invalid host name, and an unknown fixup', () => {
    const check = (from: string) => () => fixupNamed('cinder-host').check({ from, to: 'tgt' })
    expect(check('src@lvm')).toThrow("from: 'src@lvm' is not a host name")
    expect(check('')).toThrow("from: '' is not a host name")
    expect(() => fixupNamed('none')).toThrow(
      expect.objectContaining({ exitCode: 2, next: expect.stringMatching(/cell-mappings, .*iscsi-portal/) }),
    )
  })
})
