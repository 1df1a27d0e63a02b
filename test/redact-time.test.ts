import { expect, test } from 'vitest'
import { redact } from '../src/text/redact.ts'
import { growth } from './growth.ts'

/** Texts in which a rule begins to match again and again without an end. */
const long: readonly (readonly [string, (n: number) => string])[] = [
  ['names', (n) => 'a-'.repeat(n / 2)],
  ['dashes', (n) => '-'.repeat(n)],
  ['blanks', (n) => ' '.repeat(n)],
  ['names and blanks', (n) => `a${' '.repeat(n)}`],
  ['URLs without an end', (n) => 'a://b:'.repeat(n / 6)],
  ['URLs with the @ first', (n) => `@${'a://b:'.repeat(n / 6)}`],
  ['quotes', (n) => "'".repeat(n)],
  ['words in quotes', (n) => "'a='b".repeat(n / 5)],
  ['escaped quotes', (n) => '\\"a\\":\\"'.repeat(n / 9)],
  ['backslashes', (n) => `\\"a\\":\\"${'\\'.repeat(n)}`],
  ['duplicate entries', (n) => "Duplicate entry '".repeat(n / 17)],
  ['duplicate entries on lines', (n) => "Duplicate entry '\n".repeat(n / 18)],
  ['incorrect values', (n) => "Incorrect string value: '".repeat(n / 25)],
  ['parameters', (n) => '[parameters: '.repeat(n / 13)],
  ['options', (n) => '--a --b '.repeat(n / 8)],
  ['identified', (n) => 'IDENTIFIED BY '.repeat(n / 14)],
  ['identified in quotes', (n) => `IDENTIFIED BY ${"''".repeat(n / 2)}\\\n`],
  ['curl', (n) => `curl ${'-u a'.repeat(n / 4)}`],
  ['curl and colons', (n) => `curl ${' -u a:'.repeat(n / 6)}`],
  ['mysql', (n) => `mysql ${" -p'".repeat(n / 4)}`],
  ['tools', (n) => 'mysql'.repeat(n / 5)],
  ['keys', (n) => '-----BEGIN '.repeat(n / 11)],
  ['ceph', (n) => 'AQ'.repeat(n / 2)],
  ['tokens', (n) => 'gAAAA-'.repeat(n / 6)],
]

test.each(long)(
  'the time that it takes grows with the text, not with its square: %s',
  { timeout: 120_000 },
  (_, make) => {
    expect(growth(redact, make)).toBeLessThan(24)
  },
)
