import fc from 'fast-check'
import { expect, test } from 'vitest'
import { get, getAll, parse, render } from '../../src/transfer/oslo-conf.ts'
import { remove, set, setAll } from '../../src/transfer/oslo-edit.ts'

// few names, so that an edited option often exists already
const name = fc.oneof(fc.constantFrom('a', 'b', 'own'), fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/))
const sign = fc.constantFrom(' = ', '=', ': ', ' :', '=  ')
const end = fc.constantFrom('\n', '\r\n')
const word = fc.stringMatching(/^[ -~\u00e4\u4e2d]{0,12}$/)

const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(name, sign, word).map(([key, is, value]) => `${key}${is}${value}`) },
  fc.tuple(name, sign, word, word).map(([key, is, value, more]) => `${key}${is}${value}\n  x${more}`),
  fc.tuple(fc.constantFrom('#', ';', '# ', '#own = '), word).map(([mark, text]) => mark + text),
  fc.constantFrom('[DEFAULT]', '[default]', '[OVS]', '[ovs]', '[a b]').map((header) => header),
  fc.constant(''),
)
const file = fc
  .tuple(fc.array(fc.tuple(line, end)), fc.boolean())
  .map(([lines, cut]) =>
    lines
      .map((pair) => pair.join(''))
      .join('')
      .slice(0, cut ? -1 : undefined),
  )
  // cutting \r\n leaves a \r, which also ends a line
  .filter((text) => !text.endsWith('\r'))

/** What oslo.config's format can hold: no inner lines that are empty or begin or end with a blank. */
const value = fc
  .array(fc.stringMatching(/^[!-~\u00e4]([ -~\u00e4]{0,8}[!-~\u00e4])?$/), { minLength: 1, maxLength: 3 })
  .map((lines) => lines.join('\n'))
const oneLine = fc.oneof(
  value,
  fc.string({ maxLength: 12 }).filter((text) => !/[\r\n]/.test(text)),
)
const section = fc.constantFrom('DEFAULT', 'default', 'OVS', 'ovs', 'a b', 'new')

test('a parsed file is printed byte for byte', () => {
  fc.assert(
    fc.property(file, (text) => {
      expect(render(parse(text))).toBe(text)
    }),
  )
})

test('a value that is set is read back, also after printing', () => {
  fc.assert(
    fc.property(file, section, name, oneLine, (text, where, key, wanted) => {
      const edited = set(parse(text), where, key, wanted)
      expect(getAll(edited, where, key)).toEqual([wanted])
      expect(get(parse(render(edited)), where, key)).toBe(wanted)
    }),
  )
})

test('several values are read in order', () => {
  fc.assert(
    fc.property(file, section, name, fc.array(value, { minLength: 1 }), (text, where, key, wanted) => {
      expect(getAll(parse(render(setAll(parse(text), where, key, wanted))), where, key)).toEqual(wanted)
    }),
  )
})

test('every line that an edit does not concern stays byte for byte, in order', () => {
  const others = (text: string, where: string, key: string): readonly string[] =>
    parse(render(remove(parse(text), where, key))).parts.map(({ raw }) => raw)
  fc.assert(
    fc.property(file, section, name, value, (text, where, key, wanted) => {
      // the last line may get a line end, and a new section a header
      const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
      const after = others(render(set(parse(ended), where, key, wanted)), where, key)
      const before = others(ended, where, key)
      expect(after.slice(0, before.length)).toEqual(before)
      expect(after.length - before.length).toBeLessThanOrEqual(2)
    }),
  )
})
