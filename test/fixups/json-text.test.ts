import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonStrings, replaceStrings } from '../../src/rewrite/json-text.ts'

interface At {
  readonly path: readonly (string | number)[]
  readonly value: string
}

/** Every string value with its path, by JSON.parse. */
const stringsOf = (value: unknown, path: At['path'] = []): readonly At[] => {
  if (typeof value === 'string') return [{ path, value }]
  if (Array.isArray(value)) return value.flatMap((one, index) => stringsOf(one, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => stringsOf(one, [...path, key]))
}

/** Formatted like Python's json.dumps (', ' and ': ', non-ASCII escaped), like JSON.stringify, or over many lines. */
const texts = fc.tuple(fc.jsonValue(), fc.constantFrom('python', 'plain', 'lines')).map(([value, form]) => {
  if (form === 'plain') return JSON.stringify(value)
  const lines = JSON.stringify(value, null, 1)
  if (form === 'lines') return lines
  return lines.replace(/[^\x20-\x7e]/g, (one) =>
    one === '\n' ? ' ' : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
})

/** Sorted, because JavaScript puts number-like keys of an object first. */
const sorted = (all: readonly At[]): readonly string[] =>
  all.map(({ path, value }) => JSON.stringify([path, value])).sort()

test('every string value is found with its path and exact position', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const found = jsonStrings(text) ?? expect.fail('not read')
      expect(sorted(found)).toEqual(sorted(stringsOf(JSON.parse(text))))
      for (const { start, end, value } of found) expect(JSON.parse(text.slice(start, end))).toBe(value)
    }),
  )
})

test('replaced strings change, and every other byte stays', () => {
  fc.assert(
    fc.property(texts, fc.func(fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined })), (text, replace) => {
      const found = jsonStrings(text) ?? []
      const changes = found.flatMap((at) => {
        const value = replace(at.start)
        return value === undefined ? [] : [{ at, value }]
      })
      const after = replaceStrings(text, changes)
      const news = jsonStrings(after) ?? expect.fail('no JSON any more')
      const wanted = found.map((at) => replace(at.start) ?? at.value)
      expect(news.map(({ value }) => value)).toEqual(wanted)
      const between = (of: string, all: typeof found) =>
        all.map(({ end }, index) => of.slice(end, all[index + 1]?.start ?? of.length))
      expect(between(after, news)).toEqual(between(text, found))
    }),
  )
})

test('text that is not JSON is not parsed as JSON', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      let json = true
      try {
        JSON.parse(text)
      } catch {
        json = false
      }
      expect(jsonStrings(text) !== undefined).toBe(json)
    }),
  )
})
