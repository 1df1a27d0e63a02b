import { refuse } from '../errors.ts'
import { registerSettings } from '../text/secrets.ts'

/**
 * One piece of a file. `raw` is its exact text with line ends: joined, the pieces are the file again.
 * For an option, `key` and `value` are what oslo.config reads (outer quotes of the first line removed, continuation
 * lines joined by \n); `text` is the value as written, which is what is copied between files.
 */
export type Part =
  | { readonly kind: 'text'; readonly raw: string }
  | { readonly kind: 'section'; readonly raw: string; readonly name: string }
  | {
      readonly kind: 'option'
      readonly raw: string
      readonly section: string
      readonly key: string
      readonly value: string
      readonly text: string
    }

export type Option = Extract<Part, { kind: 'option' }>

/** A file in the dialect of oslo.config (oslo_config/iniparser.py): no inline comments, no escapes, no interpolation. */
export interface ConfFile {
  readonly parts: readonly Part[]
}

// What Python's str.strip() removes: unlike \s it includes \x1c-\x1f and \x85, but not the byte order mark.
const blank = '[\\t\\n\\v\\f\\r \\x1c-\\x1f\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+'
const leading = new RegExp(`^${blank}`)
// Only from the first blank of a run, or a long run within a line would be tried again from each of its blanks.
const trailing = new RegExp(`(?<!${blank.slice(0, -1)})${blank}$`)
const rstrip = (text: string): string => text.replace(trailing, '')
const strip = (text: string): string => rstrip(text).replace(leading, '')

const unquote = (value: string): string =>
  /^["']/.test(value) && value.at(0) === value.at(-1) ? value.slice(1, -1) : value

/** How oslo.config compares section names: DEFAULT exactly, others case-insensitively. */
export const sameSection = (a: string, b: string): boolean => normal(a) === normal(b)
const normal = (name: string): string => (name === 'DEFAULT' ? name : name.toLowerCase())

const fault = (where: string, line: number, what: string): Error =>
  refuse(
    `${where}, line ${line}`,
    what,
    'oslo.config cannot read this file either: fix the line, then run the same command again',
  )

type Fail = (what: string) => Error

/** `key = value` or `key: value`, whichever sign comes first. */
const assignment = (line: string, fail: Fail): { key: string; text: string } => {
  const at = line.search(/[=:]/)
  if (at < 0) throw fail("no '=' or ':' in the line")
  const key = strip(line.slice(0, at))
  if (key === '') throw fail('an option without a name')
  return { key, text: strip(line.slice(at + 1)) }
}

const sectionName = (line: string, fail: Fail): string => {
  if (!line.endsWith(']')) throw fail("a section's name must end with ]")
  if (line.length <= 2) throw fail('a section without a name')
  return line.slice(1, -1)
}

/** What oslo.config reads from a value as written. */
export const decode = (text: string): string => {
  const [first = '', ...rest] = text.split('\n')
  return [unquote(first), ...rest.map(strip)].join('\n')
}

/** An option from its written form: `text` is the value's text, `raw` the whole option. */
export const optionOf = (section: string, key: string, text: string, raw: string): Option => ({
  kind: 'option',
  raw,
  section,
  key,
  text,
  value: decode(text),
})

interface Lines {
  readonly section: string
  readonly key: string
  readonly text: string[]
  readonly raw: string[]
}

/**
 * Parses a file. Options before any section count as [DEFAULT], although oslo.config itself refuses such a file. Throws
 * SwapError (exit 2) with `where`, line number, section and previous option for what oslo.config cannot read; never
 * quotes the line, which may contain a password.
 */
export const parse = (content: string, where = 'config file'): ConfFile => {
  registerSettings(content)
  const parts: Part[] = []
  // The option that is being read, joined and decoded only when all its lines are there.
  let lines: Lines | undefined
  const close = () => {
    if (lines !== undefined) parts.push(optionOf(lines.section, lines.key, lines.text.join('\n'), lines.raw.join('')))
    lines = undefined
  }
  let section = 'DEFAULT'
  let before = ''
  for (const [index, raw] of (content.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? []).entries()) {
    const line = rstrip(raw)
    const fail: Fail = (what) => fault(where, index + 1, `${what}, in [${section}]${before}`)
    if (/^[ \t]/.test(line)) {
      if (lines === undefined) throw fail('an indented line with no option before it to continue')
      lines.text.push(line)
      lines.raw.push(raw)
      continue
    }
    close()
    if (line !== '' && !/^[[#;]/.test(line)) {
      const { key, text } = assignment(line, fail)
      lines = { section, key, text: [text], raw: [raw] }
      before = ` after ${key}`
    } else if (line.startsWith('[')) {
      section = sectionName(line, fail)
      before = ''
      parts.push({ kind: 'section', raw, name: section })
    } else parts.push({ kind: 'text', raw })
  }
  close()
  return { parts }
}

export const render = (file: ConfFile): string => file.parts.map((part) => part.raw).join('')

export const options = (file: ConfFile): readonly Option[] => file.parts.filter((part) => part.kind === 'option')

/** Section names without duplicates, in their first spelling. */
export const sections = (file: ConfFile): readonly string[] => {
  const seen = new Map<string, string>()
  for (const part of file.parts) {
    const name = part.kind === 'section' ? part.name : part.kind === 'option' ? part.section : undefined
    if (name !== undefined && !seen.has(normal(name))) seen.set(normal(name), name)
  }
  return [...seen.values()]
}

/** Whether this part is that option. */
export const isOption = (part: Part, section: string, key: string): part is Option =>
  part.kind === 'option' && part.key === key && sameSection(part.section, section)

/** All values of a repeated option in order, for multi-valued options. */
export const getAll = (file: ConfFile, section: string, key: string): readonly string[] =>
  options(file).flatMap((part) => (isOption(part, section, key) ? [part.value] : []))

/** The last value, for single-valued options. */
export const get = (file: ConfFile, section: string, key: string): string | undefined =>
  getAll(file, section, key).at(-1)

/**
 * A value as it must be written for oslo.config to read exactly that. Throws for what the format cannot hold: inner
 * lines that are empty or begin with a blank.
 */
export const encode = (value: string): string => {
  const [first = '', ...rest] = value.split('\n')
  if (value.includes('\r') || rest.some((line) => line === '' || strip(line) !== line))
    throw refuse('config value', 'a multi-line value that oslo.config cannot store', 'Write the value on one line')
  const head = first !== strip(first) || unquote(first) !== first ? `"${first}"` : first
  return [head, ...rest.map((line) => `    ${line}`)].join('\n')
}
