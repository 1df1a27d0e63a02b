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
  ['web tokens', (n) => 'eyJ-'.repeat(n / 4)],
  ['assignments', (n) => 'a='.repeat(n / 2)],
  ['secret assignments', (n) => 'pass="\\'.repeat(n / 7)],
  ['tags', (n) => '<a name="pass" '.repeat(n / 15)],
  ['passwords in tags', (n) => '<password>x'.repeat(n / 11)],
  ['cells', (n) => `| password ${'| a '.repeat(n / 4)}`],
  ['rows', (n) => '| password | a |\n'.repeat(n / 17)],
  ['blocks', (n) => 'password: |\n'.repeat(n / 12)],
  ['lines of blocks', (n) => `password: |\n${' x\n'.repeat(n / 3)}`],
  ['members of nested JSON', (n) => String.raw`\"pass\":\"\\`.repeat(n / 12)],
  ['braces', (n) => '{a: '.repeat(n / 4)],
  ['members', (n) => "{pass: '".repeat(n / 8)],
  ['braces and auth_pass', (n) => `{${' auth_pass'.repeat(n / 10)}`],
  ['escaped parameters', (n) => '%3Ftoken%3D'.repeat(n / 11)],
  ['programs', (n) => `ldapsearch${' -w '.repeat(n / 4)}`],
  ['words of programs', (n) => "add_user a '".repeat(n / 12)],
  ['cookies', (n) => 'Cookie: '.repeat(n / 8)],
  ['a word with schemes', (n) => 'a://h.x:80/'.repeat(n / 11)],
  ['logins with blanks', (n) => 'a://b: '.repeat(n / 7)],
  ['a login with blanks', (n) => `a://b:${' @x'.repeat(n / 3)}`],
]

test.each(long)(
  'the time that it takes grows with the text, not with its square: %s',
  { timeout: 120_000 },
  (_, make) => {
    expect(growth(redact, make)).toBeLessThan(12)
  },
)
