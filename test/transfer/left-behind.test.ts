import { describe, expect, test } from 'vitest'
import { addressMap } from '../../src/transfer/addresses.ts'
import { merged, metadata } from './merging.ts'

/** 10.0.0.11 has a counterpart, 10.0.0.99 also belongs to the source and has none. */
const map = addressMap(
  { file: 'x', addresses: [], counterparts: [{ source: '10.0.0.11', target: '10.0.0.12' }] },
  ['10.0.0.11', '10.0.0.99'],
  'old',
)
const known = metadata({ DEFAULT: 'servers my_ip cluster', database: 'connection', own: 'password' })
const one = (source: string) => {
  const { at, of } = merged('cinder', source, known, { map })
  return { at, note: (option: string) => of(option)[0] }
}

describe("values that still lead to the source's machine", () => {
  test('an address without a counterpart is kept, reported once, and shown', () => {
    const { at, note } = one('[DEFAULT]\nservers = 10.0.0.99:1,10.0.0.99:2\n')
    expect(at('DEFAULT', 'servers')).toBe('10.0.0.99:1,10.0.0.99:2')
    expect(note('servers')).toMatchObject({ fate: 'kept', look: true })
    expect(note('servers')?.reason.match(/10\.0\.0\.99/g)).toHaveLength(1)
  })

  test("so is the machine's name, and neither hides a rewrite beside it", () => {
    const { at, note } = one('[DEFAULT]\nservers = http://old:1,http://10.0.0.11:2\n')
    expect(at('DEFAULT', 'servers')).toBe('http://old:1,http://10.0.0.12:2')
    expect(note('servers')).toMatchObject({ fate: 'rewritten', look: true, reason: expect.stringMatching(/\bold\b/) })
  })

  test('one of several lines is enough', () => {
    const { note } = one('[DEFAULT]\nservers = http://old:1\nservers = http://10.0.0.11:2\n')
    expect(note('servers')).toMatchObject({ fate: 'rewritten', look: true })
  })

  test('an address with a counterpart needs no look', () => {
    const { at, note } = one('[DEFAULT]\nmy_ip = 10.0.0.11\n')
    expect(at('DEFAULT', 'my_ip')).toBe('10.0.0.12')
    expect(note('my_ip')?.look).toBeUndefined()
  })

  test('the name of a cluster of services stays, whatever it looks like', () => {
    const { at, note } = one('[DEFAULT]\ncluster = 10.0.0.11\n')
    expect(at('DEFAULT', 'cluster')).toBe('10.0.0.11')
    expect(note('cluster')).toMatchObject({ fate: 'kept' })
  })
})

test('a secret stays whatever it looks like, except for a URL around it', () => {
  const { at } = one('[own]\npassword = 10.0.0.11\n[database]\nconnection = mysql+pymysql://c:10.0.0.11@10.0.0.11/c\n')
  expect(at('own', 'password')).toBe('10.0.0.11')
  expect(at('database', 'connection')).toBe('mysql+pymysql://c:10.0.0.11@10.0.0.12/c')
})
