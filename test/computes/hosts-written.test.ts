import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rewriteHosts, withSpans } from '../../src/computes/hosts-written.ts'
import type { Use } from '../../src/services/agent.ts'
import { placesIn } from '../../src/text/hosts-in.ts'

const old = new Map([
  ['10.0.0.11', '10.0.0.21'],
  ['10.0.0.12', '10.0.0.21'],
  ['10.0.0.13', '10.0.0.21'],
  ['fd00::11', 'fd00::21'],
])
const to = (host: string): string | undefined => old.get(host)

const rewritten = (value: string, use: Use): string => {
  const result = rewriteHosts(value, use, to)
  return 'why' in result ? `! ${result.why}` : withSpans(value, result.spans)
}

describe('hosts are replaced where they are written', () => {
  test.each<[Use, string, string]>([
    ['queue', 'rabbit://u:p@10.0.0.11:5672//', 'rabbit://u:p@10.0.0.21:5672//'],
    ['queue', '"rabbit://u:p@10.0.0.11/vhost?ssl=0"', '"rabbit://u:p@10.0.0.21/vhost?ssl=0"'],
    [
      'queue',
      'rabbit://u:p@10.0.0.11:5672,u:p@10.0.0.12:5672,u:p@10.0.0.13:5672/nova',
      'rabbit://u:p@10.0.0.21:5672/nova',
    ],
    ['queue', 'rabbit://u:a@b@10.0.0.11:5672/', 'rabbit://u:a@b@10.0.0.21:5672/'],
    ['queue', 'rabbit://u:p@[fd00::11]:5672/', 'rabbit://u:p@[fd00::21]:5672/'],
    ['queue', 'rabbit://u:p@10.0.0.99:5672,u:p@10.0.0.11:5672/', 'rabbit://u:p@10.0.0.99:5672,u:p@10.0.0.21:5672/'],
    ['queue', 'rabbit://u:p@10.0.0.21:5672,u:p@10.0.0.11:5672/', 'rabbit://u:p@10.0.0.21:5672/'],
    ['queue', '10.0.0.11:5672, 10.0.0.12:5672', '10.0.0.21:5672'],
    ['cache', '10.0.0.11:11211,10.0.0.12:11211,10.0.0.14:11211', '10.0.0.21:11211,10.0.0.14:11211'],
    [
      'cache',
      '10.0.0.14:11211 , 10.0.0.12:11211 ,10.0.0.13:11212',
      '10.0.0.14:11211 , 10.0.0.21:11211 ,10.0.0.21:11212',
    ],
    ['cache', 'inet6:[fd00::11]:11211,10.0.0.11:11211', 'inet6:[fd00::21]:11211,10.0.0.21:11211'],
    ['cache', 'url:10.0.0.11:11211', 'url:10.0.0.21:11211'],
    ['ovsdb', 'tcp:10.0.0.11:6642,tcp:10.0.0.12:6642', 'tcp:10.0.0.21:6642'],
    ['metadata', '10.0.0.11', '10.0.0.21'],
    ['metadata', 'fd00::11', 'fd00::21'],
    ['identity', 'http://10.0.0.11:5000/v3', 'http://10.0.0.21:5000/v3'],
    ['identity', 'http://10.0.0.111:5000', 'http://10.0.0.111:5000'],
    ['API', 'http://10.0.0.11:9292,http://10.0.0.12:9292', 'http://10.0.0.21:9292'],
    ['API', 'http://10.0.0.11:8776/v3/%(project_id)s', 'http://10.0.0.21:8776/v3/%(project_id)s'],
    ['coordination', 'zookeeper://10.0.0.11:2181,10.0.0.12:2181/x', 'zookeeper://10.0.0.21:2181/x'],
    ['coordination', 'redis://:pw@10.0.0.11:6379?db=1', 'redis://:pw@10.0.0.21:6379?db=1'],
    [
      'database',
      'mysql+pymysql://nova:p#s@10.0.0.11/nova?charset=utf8',
      'mysql+pymysql://nova:p#s@10.0.0.21/nova?charset=utf8',
    ],
    ['cache', 'a:11211,a:11211,10.0.0.14:11211', 'a:11211,a:11211,10.0.0.14:11211'],
  ])('%s %s', (use, value, after) => {
    expect(rewritten(value, use)).toBe(after)
  })

  test.each<[Use, string, RegExp]>([
    ['queue', 'rabbit://u:p@10.0.0.11:5672,10.0.0.12:5672/', /read in more than one way/],
    ['queue', 'rabbit://u:a/b@10.0.0.11:5672/', /read in more than one way/],
    ['coordination', 'redis://10.0.0.11:6379?sentinel=m&sentinel_fallback=10.0.0.12:26379', /still name 10\.0\.0\.12/],
    ['queue', 'rabbit://u:p@10.0.0.11:5672\n  /', /several lines/],
  ])('%s %s is left alone', (use, value, why) => {
    expect(rewritten(value, use)).toMatch(why)
  })
})

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
const login = fc.stringMatching(/^[a-z0-9._~%!$&'()*+;=@-]{1,12}$/)
const host = fc.constantFrom('10.0.0.11', '10.0.0.12', '10.0.0.21', '10.0.0.99', 'ctl.example', '[fd00::11]')
const port = fc.constantFrom('', ':5672', ':5673')

const urlOf = fc
  .tuple(word, login, fc.array(fc.tuple(host, port), { minLength: 1, maxLength: 4 }), word)
  .map(([user, password, hosts, path]) => ({
    url: `rabbit://${hosts.map(([one, at]) => `${user}:${password}@${one}${at}`).join(',')}/${path}`,
    user,
    password,
    path,
  }))

test('no old host is left, logins and path stay, and no host comes twice that did not', () => {
  fc.assert(
    fc.property(urlOf, ({ url, user, password, path }) => {
      const result = rewriteHosts(url, 'queue', to)
      if ('why' in result) return
      const after = withSpans(url, result.spans)
      const places = (text: string): readonly string[] => placesIn(text).map((place) => JSON.stringify(place))
      expect(placesIn(after).filter((place) => to(place.host) !== undefined)).toEqual([])
      expect(after.endsWith(`/${path}`)).toBe(true)
      expect(after.startsWith(`rabbit://${user}:${password}@`)).toBe(true)
      const wanted = new Set(
        placesIn(url).map((place) => JSON.stringify({ ...place, host: to(place.host) ?? place.host })),
      )
      expect(new Set(places(after))).toEqual(wanted)
      const count = (text: string, place: string): number => places(text).filter((one) => one === place).length
      for (const place of wanted) expect(count(after, place)).toBeLessThanOrEqual(Math.max(1, count(url, place)))
      const again = rewriteHosts(after, 'queue', to)
      expect(again).toEqual({ spans: [] })
    }),
  )
})

test('a list is rewritten in linear time', () => {
  const value = Array.from({ length: 20_000 }, (_, at) => `10.1.${at >> 8}.${at & 255}:11211`).join(',')
  const began = performance.now()
  expect(rewritten(`${value},10.0.0.11:11211`, 'cache')).toBe(`${value},10.0.0.21:11211`)
  expect(performance.now() - began).toBeLessThan(5_000)
})
