import { describe, expect, test } from 'vitest'
import { hidden } from '../../src/text/hidden.ts'
import { blocks, nested, tables } from '../../src/text/markup.ts'

const table = (...rows: readonly string[]): string => {
  const edge = (rows[0] ?? '').replace(/[^|]/g, '-').replaceAll('|', '+')
  return [edge, rows[0], edge, ...rows.slice(1), edge].join('\n')
}

describe('a table of a client', () => {
  test('keeps its form when a value is hidden', () => {
    expect(tables('| password | 0123456789|0123456789 |')).toBe(`| password | ${hidden}            |`)
  })

  test.each([
    ['the last column', '| id | lun | password |', '| 7  | 1   | S3cret-0 |', '| 7  | 1   | [REDACTED] |'],
    ['the second of two columns', '| id | password |', '| 7  | S3cret-0 |', '| 7  | [REDACTED] |'],
    ['the only column', '| password |', '| S3cret-0 |', '| [REDACTED] |'],
    ['a column whose cell is empty', '| id | password | lun |', '| 7  |          | 1   |', '| 7  |          | 1   |'],
  ])('%s', (_, head, row, wanted) => {
    const [text, result] = [row, wanted].map((one) => table(head, one, one))
    expect(tables(text ?? '')).toBe(result)
    expect(tables(text?.replaceAll('\n', '\r\n') ?? '')).toBe(result?.replaceAll('\n', '\r\n'))
  })

  test('with a secret in its first column keeps its head', () => {
    const head = '| password | id | lun |'
    expect(tables(table(head, '| S3cret-0 | 7  | 1   |'))).toBe(table(head, `| ${hidden} | 7  | 1   |`))
  })

  test('may have one row only', () => {
    expect(tables('+---+---+\n| password | S3cret |\n+---+---+')).toBe(`+---+---+\n| password | ${hidden} |\n+---+---+`)
  })

  test('may have lost its upper edge', () => {
    const text = table('| id | password |', '| 7  | S3cret-0 |')
    expect(tables(text.slice(text.indexOf('\n') + 1))).not.toContain('S3cret')
  })

  test('without a head has its names in the first column', () => {
    expect(tables('+---+---+\n| password | S3cret |\n| lun | 1 |\n+---+---+')).toBe(
      `+---+---+\n| password | ${hidden} |\n| lun | 1 |\n+---+---+`,
    )
  })

  test('ends where another text begins: the next one has a head of its own', () => {
    const plain = table('| id | lun | name |', '| 7  | 1   | a    |')
    const secret = table('| id | password | name |', '| 7  | S3cret-0 | a    |')
    const covered = secret.replace(' S3cret-0 ', ` ${hidden} `)
    expect(tables(`${plain}\nand\n${secret}\nand\n${plain}`)).toBe(`${plain}\nand\n${covered}\nand\n${plain}`)
  })
})

describe('a block of YAML', () => {
  test.each([
    ['alone', 'password: |\n  S3cret\n', `password: |\n  ${hidden}\n`.trimEnd()],
    ['after two blanks', 'password:  |\n  S3cret\nlun: 1', `password:  |\n  ${hidden}\nlun: 1`],
    ['with an empty line in it', 'password: |\n  S3cret\n\n  S3cret\nlun: 1', `password: |\n  ${hidden}\nlun: 1`],
    ['with a line of blanks', '  password: |\n    S3cret\n \n    S3cret\n', `  password: |\n    ${hidden}`],
    ['in a list', '-   password: |\n      S3cret\n    lun: 1', `-   password: |\n      ${hidden}\n    lun: 1`],
    ['with signs', 'password: |2-\n   S3cret\nlun: 1', `password: |2-\n  ${hidden}\nlun: 1`],
    ['with a blank behind', 'password: | \n  S3cret\nlun: 1', `password: | \n  ${hidden}\nlun: 1`],
    ['a value on its line is none', 'password: |S3cret\n  lun: 1', 'password: |S3cret\n  lun: 1'],
    ['of another name stays', '   a: 1\n  b: |\n    text\n', '   a: 1\n  b: |\n    text\n'],
    ['in prose is none', 'say password: |\n  more\n', 'say password: |\n  more\n'],
  ])('%s', (_, text, wanted) => {
    expect(blocks(text)).toBe(wanted)
  })
})

/** What stands between < and > is hidden. */
describe('a member of JSON within JSON', () => {
  test.each([
    ['ends at its quote', String.raw`{\"password\": \"<S3cret>\", \"lun\": 1}`],
    ['ends with the text', String.raw`{\"password\": \"<S3cret>`],
    ['ends with its line', `{\\"password\\": \\"<S3cret>\nnext\\" x`],
    ['ends at the quote of the text around it', String.raw`{\"password\": \"<S3cret>" next`],
    ['may contain a quote', String.raw`{\"password\": \"<S3\\\"cret>\", \"lun\": 1}`],
    ['may end with a backslash', String.raw`{\"password\": \"<S3cret\\\\>\", \"lun\": 1}`],
    ['may be none', String.raw`{\"use_token\": \"true\", \"password\": \"<S3cret>\"}`],
  ])('%s', (_, text) => {
    expect(nested(text.replaceAll(/[<>]/g, ''))).toBe(text.replaceAll(/<[^>]*>/g, hidden))
  })
})
