import { expect, test } from 'vitest'
import { changedIn, ownedIn, unchangedOf } from '../../src/ask/packaged.ts'
import type { Question } from '../../src/ask/question.ts'

test('owners of paths; a diversion is none', () => {
  expect(
    ownedIn(
      'nova-common: /etc/nova/policy.json\na, b:amd64: /x\ndiversion by dash from: /bin/sh\nlocal diversion to: /y\n',
    ),
  ).toEqual([
    { path: '/etc/nova/policy.json', packages: ['nova-common'] },
    { path: '/x', packages: ['a', 'b:amd64'] },
  ])
})

test('files with another content, and files that are gone, are changed', () => {
  expect(
    changedIn('??5?????? c /etc/a\n??????M?? c /etc/b\nmissing   c /etc/c\nmissing     /etc/d (Permission denied)\n'),
  ).toEqual([
    { path: '/etc/a', isConfig: true, isMissing: false },
    { path: '/etc/c', isConfig: true, isMissing: true },
    { path: '/etc/d', isConfig: false, isMissing: true },
  ])
})

/** Answers of dpkg-query -S, of dpkg-query -W and of dpkg --verify; undefined: no answer. */
const machine =
  (verify: string | undefined) =>
  async <T>({ argv, parse }: Question<T>): Promise<T | undefined> => {
    if (argv[1] === '-S') return parse('nova-common: /etc/nova/a\nnova-common: /etc/nova/b\nvendor: /etc/nova/c\n')
    if (argv[1] === '-W') return parse('ii \tnova-common\tnova\t1\nii \tvendor\tvendor\t1\n')
    return verify === undefined ? undefined : parse(verify)
  }
const paths = ['/etc/nova/a', '/etc/nova/b', '/etc/nova/c']

test("only unchanged files of the service's own packages count", async () => {
  expect(await unchangedOf(machine('??5?????? c /etc/nova/b\n'), paths, ['nova'])).toEqual(['/etc/nova/a'])
  expect(await unchangedOf(machine(''), paths, ['cinder'])).toEqual([])
})

test('where dpkg does not compare, nothing is known to be unchanged', async () => {
  expect(await unchangedOf(machine(undefined), paths, ['nova'])).toEqual([])
})
