import { expect, test } from 'vitest'
import { compareStage, parseKeys, parseStage } from '../../src/transfer/stage.ts'

test('keys of files are read with names of every kind', () => {
  expect(parseKeys('')).toEqual([])
  expect(parseKeys(['12 1.5 2.5 7 ./a b\n c', '0 1.0 2.0 8 ./x', ''].join('\0'))).toEqual([
    { key: '12 1.5 2.5 7', path: './a b\n c', bytes: 12 },
    { key: '0 1.0 2.0 8', path: './x', bytes: 0 },
  ])
})

test('a stage that is not there differs from an empty one', () => {
  expect(parseStage('4096\0')).toEqual({ free: 4096 })
  expect(parseStage('4096\0staged\0')).toEqual({ free: 4096, files: [] })
  const words = ['4096', 'staged', 'ready', '1 2 3 4', '1 2 5 6', './a', 'unproved', '1 2 3 9', '', './b c']
  expect(parseStage(words.map((word) => `${word}\0`).join(''))).toEqual({
    free: 4096,
    files: [
      { state: 'ready', source: '1 2 3 4', target: '1 2 5 6', path: './a' },
      { state: 'unproved', source: '1 2 3 9', target: '', path: './b c' },
    ],
  })
})

test('what is new or has another size, time or inode is fetched, and what the source no longer has is gone', () => {
  const seen = [
    { key: '1 2 3 4', path: './same', bytes: 1 },
    { key: '1 2 4 5', path: './touched', bytes: 1 },
    { key: '9 2 3 6', path: './new', bytes: 9 },
  ]
  const staged = ['./same 1 2 3 4', './touched 1 2 3 5', './gone 1 2 3 7'].map((text) => {
    const [path = '', ...key] = text.split(' ')
    return { state: 'ready' as const, source: key.join(' '), target: '', path }
  })
  expect(compareStage(seen, staged)).toEqual({ same: [seen[0]], fetch: [seen[1], seen[2]], gone: ['./gone'] })
  expect(compareStage(seen, [])).toEqual({ same: [], fetch: seen, gone: [] })
})
