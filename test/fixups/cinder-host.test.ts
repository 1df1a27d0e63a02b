import { expect, test } from 'vitest'
import { fixupNamed } from '../../src/fixups/index.ts'
import { rewriteHost } from '../../src/rewrite/hosts.ts'

test.each([
  ['src', 'tgt'],
  ['src@lvm', 'tgt@lvm'],
  ['src@lvm#LVM', 'tgt@lvm#LVM'],
  ['src@src#src', 'tgt@src#src'],
  ['src#pool', 'tgt#pool'],
  ['src2@lvm', 'src2@lvm'],
  ['src.example@lvm', 'src.example@lvm'],
  ['src-2', 'src-2'],
  ['asrc@lvm', 'asrc@lvm'],
  ['SRC@lvm', 'SRC@lvm'],
  ['', ''],
])('%s becomes %s', (before, after) => expect(rewriteHost(before, 'src', 'tgt')).toBe(after))

const args = { from: 'src', to: 'tgt' }
const cinderHost = fixupNamed('cinder-host')
const services = cinderHost.tables.find(({ table }) => table === 'services')

test.each([
  ['cinder-volume', 'src@lvm', 0, 'tgt@lvm'],
  ['cinder-backup', 'src', 0, 'tgt'],
  ['cinder-scheduler', 'src', 0, 'src'],
  ['cinder-volume', 'src@lvm', 1, 'src@lvm'],
  ['cinder-volume', 'src2@lvm', 0, 'src2@lvm'],
])('the service row of %s on %s (deleted %i) then belongs to %s', (binary, host, deleted, after) =>
  expect(services?.rewrite({ id: 1, binary, host, deleted }, args)).toMatchObject({ host: after }),
)

test('a volume without a host is left alone', () => {
  const row = { id: 'v', host: null }
  expect(cinderHost.tables[0]?.rewrite(row, args)).toBe(row)
})

test.each([{}, { from: 'src' }, { from: 'src@lvm', to: 'tgt' }, { from: 'src', to: 'a b' }])('%j is refused', (wrong) =>
  expect(() => cinderHost.check(wrong)).toThrow(expect.objectContaining({ exitCode: 2 })),
)
