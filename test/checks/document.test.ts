import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checksDocument } from '../../src/checks/document.ts'
import { listed } from '../../src/checks/index.ts'

test('docs/checks.md is up to date with the code', () => {
  const written = readFileSync(new URL('../../docs/checks.md', import.meta.url), 'utf8')
  expect(written === checksDocument(listed), 'docs/checks.md is out of date: npm run docs').toBe(true)
})

test('each check occurs once, under a heading', () => {
  const text = checksDocument(listed)
  const ids = [...text.matchAll(/^### `(\S+)` \((?:block|warn)\)$/gm)].map(([, id]) => id)
  expect(ids.toSorted()).toEqual(listed.map(({ id }) => id).toSorted())
  expect(text).not.toContain('undefined')
})
