import { expect, test } from 'vitest'
import { unreadableUrls } from '../../src/checks/urls.ts'
import { quoteDatabaseUrl, readDatabaseUrl } from '../../src/text/database-url.ts'
import { transportHosts } from '../../src/text/transport-url.ts'
import { parse } from '../../src/transfer/oslo-conf.ts'

type Parts = readonly [
  user: string | undefined,
  password: string | undefined,
  host: string,
  port: string,
  database: string,
]

// Results of SQLAlchemy 1.3.22 and 2.0.54 for these URLs (make_url; passwords not unquoted).
const readings: readonly (readonly [url: string, until13: Parts, since14: Parts])[] = [
  [
    'mysql://nova:s3cr@t@10.0.0.11/nova',
    ['nova', 's3cr@t', '10.0.0.11', '', 'nova'],
    ['nova', 's3cr', 't@10.0.0.11', '', 'nova'],
  ],
  ['mysql://n:s?t#1@h/c?a=b', ['n', 's?t#1', 'h', '', 'c'], ['n', 's?t#1', 'h', '', 'c']],
  ['mysql://nova@x@h/db', ['nova@x', undefined, 'h', '', 'db'], ['nova@x', undefined, 'h', '', 'db']],
  ['mysql://u:p@h/db?ssl=a@b', ['u', 'p@h/db?ssl=a', 'b', '', ''], ['u', 'p', 'h', '', 'db']],
  ['mysql://h:3306/db?x=a:b@c', ['h', '3306/db?x=a:b', 'c', '', ''], ['h', '3306/db?x=a:b', 'c', '', '']],
  ['mysql://u:p@[fd00::1]:3306/nova', ['u', 'p', '[fd00::1]', '3306', 'nova'], ['u', 'p', '[fd00::1]', '3306', 'nova']],
  ['mysql://u:a/b@h/db', ['u', 'a/b', 'h', '', 'db'], ['u', 'a/b', 'h', '', 'db']],
  ['mysql://u:p@h?charset=x', ['u', 'p', 'h?charset=x', '', ''], ['u', 'p', 'h', '', '']],
  ['mysql://u@h:1/db?x=:@y', ['u@h', '1/db?x=:', 'y', '', ''], ['u@h', '1/db?x=:', 'y', '', '']],
  ['mysql://u:p@w@/db?s=1', ['u', 'p@w', '', '', 'db'], ['u', 'p', 'w@', '', 'db']],
  ['mysql://u:@h/d', ['u', '', 'h', '', 'd'], ['u', '', 'h', '', 'd']],
  ['mysql://a/b:c@h/d', [undefined, undefined, 'a', '', 'b:c@h/d'], [undefined, undefined, 'a', '', 'b:c@h/d']],
]

test.each(readings)('%s as both versions of SQLAlchemy read it', (url, until13, since14) => {
  const parts = (one: ReturnType<typeof readDatabaseUrl>['meant']) =>
    one && [one.user, one.password, one.host, one.port, one.database]
  const read = readDatabaseUrl(url)
  expect(parts(read.until13)).toEqual(until13)
  expect(parts(read.since14)).toEqual(since14)
  for (const one of [read.until13, read.since14]) expect(url.slice(one?.start).startsWith(one?.host ?? '')).toBe(true)
})

test.each([
  ['mysql://u:p@h/nova', 'mysql://u:p@h/nova'],
  ['mysql://u:p%@h/nova?x=1', 'mysql://u:p%@h/nova?x=1'],
  ['mysql://u:@@@h/nova', 'mysql://u:%40%40@h/nova'],
  ['mysql://u:p@h/w@h/nova', 'mysql://u:p%40h/w@h/nova'],
  ['mysql://u:p@h/nova?a=b@c', 'mysql://u:p@h/nova?a=b%40c'],
  ['mysql://u@h/nova', 'mysql://u@h/nova'],
])('%s is written %s', (url, quoted) => {
  expect(quoteDatabaseUrl(url)).toBe(quoted)
  const { until13, since14 } = readDatabaseUrl(quoted)
  expect(until13).toEqual(since14)
})

test.each(['mysql://u:p@a b/nova', 'mysql://u:p@h:x/nova', 'mysql://a/b:c@h/d', 'mysql://u:p@h', 'mysql'])(
  'nobody can tell the host of %s',
  (url) => {
    expect(readDatabaseUrl(url).meant).toBeUndefined()
    expect(quoteDatabaseUrl(url)).toBe(url)
  },
)

test('transport URLs: hosts end where urlparse ends them', () => {
  const hosts = (url: string) => transportHosts(url)?.map(({ host }) => host)
  expect(hosts('rabbit://u:p@a,u:p@b?x=c,d')).toEqual(['a', 'b'])
  expect(hosts('rabbit://u:p@w@a:1/v')).toEqual(['a'])
  for (const sign of '/?#') expect(hosts(`rabbit://u:p${sign}w@a:1/v`)).toBeUndefined()
  expect(hosts('rabbit://u:p@a/v@w')).toEqual(['a'])
  expect(hosts('rabbit://u:p@[fd00::1]:5672,u:p@b:,c/v')).toEqual(['[fd00::1]', 'b', 'c'])
  expect(hosts('rabbit://h1,u:p@h2/')).toEqual(['h1', 'h2'])
  expect(hosts('rabbit://,u:p@h1,/')).toEqual(['h1'])
  expect(hosts('rabbit://{username}:{password}@{hostname}:{port}/{path}')).toEqual(['{hostname}'])
  expect(hosts('x')).toEqual([])
})

test.each(['rabbit://u:pa,ss@a/', 'rabbit://u:12,ss@a/', 'rabbit://u:p@a,u:p,x:y@b/'])(
  'a raw comma in a password makes hosts of its pieces: %s has none',
  (url) => expect(transportHosts(url)).toBeUndefined(),
)

test('options with an unreadable URL are reported only by section and name', () => {
  const text = `[DEFAULT]
transport_url = rabbit://nova:s/x@10.0.0.11/
[database]
connection = mysql+pymysql://nova:s3cr@t@10.0.0.11/nova
slave_connection = mysql+pymysql://no/va:x@10.0.0.11/nova
[api_database]
connection = sqlite:////var/lib/nova.db
[oslo_messaging_notifications]
transport_url = rabbit://nova:s@x@10.0.0.11/`
  expect(unreadableUrls(parse(text))).toEqual(['[DEFAULT] transport_url', '[database] slave_connection'])
})
