import { expect, test } from 'vitest'
import { flowText } from '../src/engine/machines/pipe.ts'
import { duration, readable } from '../src/text/units.ts'

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_288_490_189, '1.2 GiB'],
])('%i bytes read %s', (bytes, text) => {
  expect(readable(bytes)).toBe(text)
})

test.each([
  [0.04, '0.0 s'],
  [59.94, '59.9 s'],
  [61, '1 min 1 s'],
  [3725, '1 h 2 min'],
])('%d seconds read %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

const mib = 1024 ** 2

test.each([
  [{ what: 'images', flowed: 3 * mib, seconds: 2 }, 'images: 3.0 MiB sent, 1.5 MiB/s'],
  [
    { what: 'nova', bytes: 100 * mib, flowed: 10 * mib, seconds: 4 },
    'nova: 10.0 MiB sent, 2.5 MiB/s, at most 36.0 s left',
  ],
  [{ what: 'nova', bytes: 100 * mib, flowed: 1, seconds: 0.5 }, 'nova: 1 B sent, 2 B/s'],
  [
    { what: 'nova', bytes: 100 * mib, flowed: 10 * mib, seconds: 4, arrived: { bytes: 50 * mib, rows: 8120 } },
    'nova: 8120 rows, 10.0 MiB sent, 2.5 MiB/s, about 4.0 s left',
  ],
  [
    { what: 'nova', bytes: 100 * mib, flowed: 10 * mib, seconds: 4, arrived: { bytes: 120 * mib } },
    'nova: 10.0 MiB sent, 2.5 MiB/s, about 0.0 s left',
  ],
  [
    { what: 'nova', bytes: 100 * mib, flowed: 0, seconds: 9, arrived: { bytes: 0, rows: 0 } },
    'nova: 0 rows, 0 B sent, 0 B/s',
  ],
])('%o', (flow, text) => {
  expect(flowText(flow)).toBe(text)
})
