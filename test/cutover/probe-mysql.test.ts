import { expect, test } from 'vitest'
import { judgeError, login } from '../../src/cutover/outage/probe-mysql.ts'

const error = (code: number) => Buffer.from([0xff, code & 0xff, code >> 8, ...Buffer.from('#08004why')])

test.each([
  [1045, 'good'],
  [1130, 'good'],
  [1040, 'bad'],
  [1053, 'bad'],
])('error %i is %s', (code, answer) => {
  expect(judgeError(error(code))).toEqual({ answer, says: `error ${code}` })
})

test('the login is a single packet, the second of the conversation, without a password', () => {
  const packet = login()
  expect(packet.readUIntLE(0, 3)).toBe(packet.length - 4)
  expect(packet[3]).toBe(1)
  expect(packet.subarray(36).toString('latin1')).toBe('swapctl_probe\0\0')
})
