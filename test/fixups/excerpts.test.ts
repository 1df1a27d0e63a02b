import { expect, test } from 'vitest'
import { excerpts } from '../../src/fixups/excerpts.ts'
import type { FixupTable } from '../../src/rewrite/fixup.ts'

const found = (columns: readonly string[], ...reads: readonly string[]) => ({
  columns,
  rule: { key: 'id', reads } as unknown as FixupTable,
})

test('the changed part with some context', () => {
  const row = { id: 7, info: `${'a'.repeat(100)}OLD${'z'.repeat(100)}`, same: 1 }
  expect(excerpts(found(['info', 'same']), row, { ...row, info: row.info.replace('OLD', 'new') })).toEqual([
    `id 7: info …${'a'.repeat(40)}OLD${'z'.repeat(40)}…`,
    `id 7: info …${'a'.repeat(40)}new${'z'.repeat(40)}…`,
  ])
})

test('a value that only grows, and a completely new one', () => {
  expect(excerpts(found(['a']), { id: 1, a: 'xx' }, { id: 1, a: 'xxx' })).toEqual(['id 1: a xx', 'id 1: a xxx'])
  expect(excerpts(found(['a']), { id: 1, a: null }, { id: 1, a: 'b' })).toEqual(['id 1: a null', 'id 1: a b'])
})

test('the values the rule read are shown beside the key; a deleted row as it was', () => {
  expect(excerpts(found(['host'], 'binary', 'gone'), { id: 'x', host: 'src', binary: 'l3' }, null)).toEqual([
    'id x (binary l3): src',
    'id x (binary l3): deleted',
  ])
})

test('secrets around a change are masked', () => {
  const url = (host: string) => ({ id: 1, url: `mysql+pymysql://nova:s3cret@${host}/nova` })
  expect(excerpts(found(['url']), url('10.0.0.1'), url('10.0.0.2')).join('\n')).not.toContain('s3cret')
})
