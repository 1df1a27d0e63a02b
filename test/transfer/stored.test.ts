import { expect, test } from 'vitest'
import { glanceRecipe } from '../../src/services/glance/recipe.ts'
import { keystoneRecipe } from '../../src/services/keystone/recipe.ts'
import { resolved } from '../../src/transfer/effective.ts'
import { outside, pathOfUrl } from '../../src/transfer/expected.ts'
import { parse } from '../../src/transfer/oslo-conf.ts'
import { fileStorage, pathsOf } from '../../src/transfer/stored.ts'

const [images] = fileStorage(glanceRecipe)
const [fernet] = fileStorage(keystoneRecipe)

test.each([
  ['nothing said', '', ['/var/lib/glance/images']],
  ['one directory', '[glance_store]\nfilesystem_store_datadir = /srv/images/\n', ['/srv/images']],
  [
    'several, with priorities',
    '[glance_store]\nfilesystem_store_datadirs = /a/images:100\nfilesystem_store_datadirs = /b/images\n',
    ['/a/images', '/b/images'],
  ],
  [
    'several stores of a newer glance',
    '[DEFAULT]\nenabled_backends = fast:file, ceph:rbd,slow:file\n[fast]\nfilesystem_store_datadir = /fast\n[slow]\n[glance_store]\nfilesystem_store_datadir = /not/read\n',
    ['/fast', '/var/lib/glance/images'],
  ],
  ['stores without files', '[DEFAULT]\nenabled_backends = ceph:rbd\n', []],
  [
    'another option',
    '[DEFAULT]\nbase = /srv\n[glance_store]\nfilesystem_store_datadir = $base/images\n',
    ['/srv/images'],
  ],
])('where images are: %s', (_, text, paths) => expect(pathsOf(parse(text), images as never)).toEqual(paths))

test.each(['/', '/etc', '/var/lib', '/var', 'keys', '/var/lib/mysql/', '/srv/../etc'])(
  '%s is no directory of keys',
  (path) => {
    expect(() => pathsOf(parse(`[fernet_tokens]\nkey_repository = ${path}\n`), fernet as never)).toThrow(
      'cannot be a directory of this service only',
    )
  },
)

test('a directory that the file does not reveal is refused, not guessed', () => {
  const file = parse('[fernet_tokens]\nkey_repository = $state/keys\n')
  expect(() => pathsOf(file, fernet as never)).toThrow("unknown directory: '$state/keys'")
  expect(resolved(parse('[a]\nx = 1\n[DEFAULT]\ny = 2\n'), 'a', `$x-\${y}-\${a.x}-$$z`)).toBe('1-2-1-$z')
})

test('image locations as paths', () => {
  expect(pathOfUrl('file:///srv/a%20b')).toBe('/srv/a b')
  expect(pathOfUrl('file:///srv/100%')).toBe('/srv/100%')
  expect(outside(['/srv/a/1', '/srv/ab/2'], [{ path: '/srv/a' }])).toEqual(['/srv/ab/2'])
})
