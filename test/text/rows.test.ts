import { expect, test } from 'vitest'
import { withoutRows } from '../../src/text/rows.ts'

/** What stands between < and > is hidden; both signs are only in the table. */
test.each([
  ["Duplicate entry '<a' for key 'b>' for key 'c'\nand ' for key 'd'"],
  ["Duplicate entry '<one\ntwo>' for key 'c'"],
  ["Duplicate entry '<>' for key 'c'"],
  ["Incorrect value: '<one\ntwo>' for column c"],
  ["Incorrect string value: '<one\ntwo>' for column c"],
  ["Incorrect double string (x) value: '<one\ntwo>' for column c"],
  ["Incorrect integer value '<one\ntwo>' for column c"],
  ["Incorrect datetime value: '<one\ntwo>' for function f"],
  ["Incorrect datetime value: '<one\ntwo>' for function f\n' for column c"],
  ["Incorrect datetime value: '<one\ntwo>' for column c\n' for function f"],
  ["Incorrect datetime value: '<a' for column b>' for column c"],
  ["Incorrect datetime value: '<one\ntwo>' for function f; ' for function g"],
  ["Truncated incorrect DOUBLE value: '<a'b>' at row 3"],
  ["incorrect DOUBLE value '<a>' at row 3"],
  ["incorrect value: '<a>' at row 3"],
  ["incorrect DOUBLE value: '<>'"],
  ["incorrect DOUBLE value: 'without an end\nincorrect DOUBLE value: '<a>' at row 3"],
  ["syntax to use near '<a>' at line 3; syntax to use near '<b>' at line 4"],
  ["syntax to use near '<one\ntwo>' at line 3"],
  ['[parameters: <(1, [2])>] (Background on this error'],
])('%s', (text) => {
  expect(withoutRows(text.replaceAll(/[<>]/g, ''))).toBe(text.replaceAll(/<[^>]*>/g, '[REDACTED]'))
})

test.each([
  "incorrect DOUBLE value: 'without an end",
  "incorrect DOUBLE value: 'without an end in its line\n'",
  '[parameters: (1,\n2)]',
  "Duplicate entry 'without an end",
])('left unchanged: %s', (text) => {
  expect(withoutRows(text)).toBe(text)
})
