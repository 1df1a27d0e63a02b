import { afterEach, expect, test } from 'vitest'
import { forgetSecrets, registerSettings, registerUrls } from '../src/text/secrets.ts'
import { mapAddresses } from '../src/transfer/addresses.ts'
import { masked } from '../src/transfer/decision.ts'
import { parse } from '../src/transfer/oslo-conf.ts'
import { growth } from './growth.ts'

afterEach(forgetSecrets)

const map = { pairs: new Map<string, string>(), stays: new Set<string>() }

/** What reads files and rows that others wrote, with texts in which a step could begin again and again. */
const long: readonly (readonly [string, (text: string) => void, (n: number) => string])[] = [
  ['continuation lines', parse, (n) => `a = b\n${' c\n'.repeat(n / 3)}`],
  ['blanks within a line', parse, (n) => `a = b${' '.repeat(n)}c`],
  ['blanks within a setting', registerSettings, (n) => `a = b${' '.repeat(n)}c`],
  ['a URL with commas', registerUrls, (n) => `x://${'b:c,'.repeat(n / 4)}@`],
  ['a URL with many logins', registerUrls, (n) => `x://${'b:Secret-1,@'.repeat(n / 12)}`],
  ['a long word', (text) => mapAddresses(text, map), (n) => 'a'.repeat(n)],
  ['long words in a list', (text) => mapAddresses(text, map), (n) => `a://b${',ab-c.1'.repeat(n / 7)}`],
  ['schemes', (text) => mapAddresses(text, map), (n) => 'a://b:'.repeat(n / 6)],
  ['masked schemes', (text) => masked(text, true), (n) => 'a://'.repeat(n / 4)],
  ['masked hosts', (text) => masked(text, true), (n) => `rabbit://${'b,'.repeat(n / 2)}`],
]

test.each(long)('reading takes time by the length, not by its square: %s', (_, read, make) => {
  expect(growth(read, make)).toBeLessThan(12)
})
