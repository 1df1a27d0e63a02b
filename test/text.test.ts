import { expect, test } from 'vitest'
import { decode, encode } from '../src/hosts/text.ts'

test.each([
  ['plain', Buffer.from('Zoë 日本 😀\n')],
  ['single bytes', Buffer.from([0xff, 0x61, 0xfe, 0x80])],
  ['a character that breaks off at the end', Buffer.from([0x61, 0xf0, 0x9f, 0x98])],
  ['a character that breaks off in the middle', Buffer.from([0xe6, 0x97, 0x61, 0xc3, 0xab])],
  ['an overlong slash', Buffer.from([0xc0, 0xaf])],
  ['half of a pair, as UTF-8 would spell it', Buffer.from([0xed, 0xb2, 0x80])],
  ['every byte', Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
  ['nothing', Buffer.alloc(0)],
])('%s: the same bytes come back', (_, bytes) => {
  expect(encode(decode(bytes))).toEqual(bytes)
})

test('UTF-8 is decoded as usual, and two invalid names stay different', () => {
  expect(decode(Buffer.from('Zoë 😀'))).toBe('Zoë 😀')
  expect(decode(Buffer.from([0xff]))).not.toBe(decode(Buffer.from([0xfe])))
})
