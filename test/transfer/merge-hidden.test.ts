import { describe, expect, test } from 'vitest'
import { addressMap } from '../../src/transfer/addresses.ts'
import { merged, metadata } from './merging.ts'

const known = metadata({
  cache: 'backend_argument',
  DEFAULT: 'replication_device',
  backup: 'admin_password',
  own: 'backend_argument_url',
})
const map = addressMap(
  { file: 'x', addresses: [], counterparts: [{ source: '10.0.0.11', target: '10.0.0.12' }] },
  ['10.0.0.11', '10.0.7.11', 'fd00::b'],
  'old',
)

const becomes = (section: string, option: string, value: string) => {
  const { at, of } = merged('nova', `[${section}]\n${option} = ${value}\n`, known, { map })
  return { now: at(section, option), decision: of(option)[0] }
}

describe('a value that is secret by the metadata of its option only', () => {
  test.each([
    ['url:10.0.0.11:11211', 'url:10.0.0.12:11211'],
    ['host:10.0.0.11', 'host:10.0.0.12'],
    ['10.0.0.11:11211', '10.0.0.12:11211'],
    ['"url:10.0.0.11:11211"', 'url:10.0.0.12:11211'],
    ['10.0.0.11:11211,10.0.0.13:11211', '10.0.0.12:11211,10.0.0.13:11211'],
    ['san_ip:10.0.0.11,san_password:10.0.0.11', 'san_ip:10.0.0.12,san_password:10.0.0.11'],
  ])('%s is mapped and not shown', (value, wanted) => {
    const { now, decision } = becomes('cache', 'backend_argument', value)
    expect(now).toBe(wanted)
    expect(decision).toMatchObject({ fate: 'rewritten', from: '***', to: '***' })
    expect(decision?.reason).toContain('an address of the source was replaced')
    expect(decision?.look).toBeUndefined()
  })

  test.each([
    'url:10.0.7.11:11211',
    'host:10.0.7.11',
    'url:[fd00::b]:11211',
    'host:old',
    'url:old:11211',
    'old:11211',
    'url:old:11211,db:0',
  ])('%s has no counterpart and is to look at', (value) => {
    const { now, decision } = becomes('cache', 'backend_argument', value)
    expect(now).toBe(value)
    expect(decision).toMatchObject({ fate: 'kept', look: true })
    expect(decision?.reason).toMatch(/no counterpart|name of the old machine/)
  })

  test('in quotes the name of the old machine is found as well', () => {
    const { decision } = becomes('cache', 'backend_argument', '"url:old:11211"')
    expect(decision).toMatchObject({ fate: 'kept', look: true })
  })

  test('only the word before the first colon of a part names a secret', () => {
    expect(becomes('cache', 'backend_argument', '10.0.0.11/token:1').now).toBe('10.0.0.12/token:1')
  })

  test('what must be a URL elsewhere may be a word here', () => {
    expect(becomes('own', 'backend_argument_url', 'word:5000').decision?.look).toBeUndefined()
  })

  test.each(['distributed_lock:true', 'password:10.0.7.11', 'memcached_expire_time:60'])('%s stays', (value) => {
    const { now, decision } = becomes('cache', 'backend_argument', value)
    expect(now).toBe(value)
    expect(decision?.look).toBeUndefined()
  })
})

test('a value that is secret by its name is never changed', () => {
  const { now, decision } = becomes('backup', 'admin_password', '10.0.0.11')
  expect(now).toBe('10.0.0.11')
  expect(decision?.look).toBeUndefined()
})
