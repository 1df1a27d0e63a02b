import { expect, test } from 'vitest'
import { createReporter } from '../src/engine/report.ts'
import { decode } from '../src/hosts/text.ts'
import { asJson, printable } from '../src/text/printable.ts'

test.each([
  ['a colour', '\x1b[31mred\x1b[0m', String.raw`\x1b[31mred\x1b[0m`],
  ['a title of the window, ended by a bell', '\x1b]0;owned\x07', String.raw`\x1b]0;owned\x07`],
  ['an escape of one byte', '\u009b2J', String.raw`\x9b2J`],
  ['a line that is overwritten', 'failed\rdone', String.raw`failed\x0ddone`],
  ['backspaces', 'rm\b\bls', String.raw`rm\x08\x08ls`],
  ['another direction', 'a\u202eb\u2066c', String.raw`a\u202eb\u2066c`],
  ['another line end', 'a\u2028b', String.raw`a\u2028b`],
  ['bytes that are no UTF-8', decode(Buffer.from([0x61, 0xff, 0xfe])), String.raw`a\xff\xfe`],
  ['the first such byte', decode(Buffer.from([0x80])), String.raw`\x80`],
  ['half a character that is no byte', 'a\udd00', String.raw`a\udd00`],
  ['an Arabic mark', 'a\u061c', String.raw`a\u061c`],
  ['half a character', 'a\ud83d', String.raw`a\ud83d`],
])('%s is shown, not interpreted', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test("a line end of Windows is one, and shown as this system's", () => {
  expect(printable('one\r\ntwo')).toBe('one\ntwo')
})

test.each(['Zoë проект-δ 日本 😀', 'two\nlines\tand a tab', '$(touch x) `id` %s "q" \\n'])(
  '%j stays as it is',
  (text) => {
    expect(printable(text)).toBe(text)
  },
)

test('in JSON the same characters keep their value and do not reach the terminal', () => {
  const value = { says: '\x1b[31m\u009b\u202e\x7f', bytes: decode(Buffer.from([0xff])) }
  const text = asJson(value)
  expect(text).toMatch(/^[\x20-\x7e]*$/)
  expect(JSON.parse(text)).toEqual(value)
})

test.each([[true], [false]])(
  'whatever a reporter is told (a terminal: %s), its stream gets no escape of others',
  (tty) => {
    const written: string[] = []
    const stream = {
      write: (text: string) => written.push(text) > 0,
      isTTY: tty,
      columns: 200,
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
      on: () => stream,
      once: () => stream,
      off: () => stream,
    } as unknown as NodeJS.WriteStream
    const reporter = createReporter({ stream, tty })
    const evil = '\x1b]0;owned\x07'
    const step = { id: 'a/1', title: `Import ${evil}` }
    reporter.begin(step)
    reporter.progress(step, `${evil} rows`)
    reporter.fail(step, new Error(evil))
    reporter.end(step, evil, 1)
    reporter.skip(step, evil)
    reporter.note(evil)
    reporter.close()
    expect(written.join('')).not.toContain(evil)
    expect(written.join('')).toContain(String.raw`\x1b]0;owned\x07`)
  },
)
