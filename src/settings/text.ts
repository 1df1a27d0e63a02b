import { unsafe } from 'ini'
import { refuse } from '../errors.ts'

/** One section of the settings file: '[address api]' has the kind 'address' and the name 'api'. */
export interface Section {
  readonly kind: string
  readonly name: string
  readonly title: string
  /** line number in the file */
  readonly line: number
  readonly values: Readonly<Record<string, string>>
}

interface Draft {
  readonly title: string
  readonly line: number
  readonly values: Map<string, string>
}

/** State while the settings are read line by line. */
interface Reading {
  readonly drafts: Map<string, Draft>
  readonly complaints: string[]
  current: Draft | undefined
}

/**
 * Splits a settings file into sections. Ignores nothing: a line that is neither section, option nor comment, a
 * duplicate option or section, and a value that a comment might end are refused (SwapError, exit 2), all together and
 * with line numbers.
 */
export const sectionsOf = (file: string, text: string): readonly Section[] => {
  const reading: Reading = { drafts: new Map(), complaints: [], current: undefined }
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || /^[;#]/.test(trimmed)) continue
    const what = trimmed.startsWith('[') ? begin(reading, trimmed, index + 1) : option(reading, trimmed)
    if (what !== undefined) reading.complaints.push(`line ${index + 1}: ${what}`)
  }
  if (reading.complaints.length > 0)
    throw refuse(file, reading.complaints.join('\n  '), 'Correct these lines of the settings')
  return [...reading.drafts.values()].map(({ title, line, values }) => {
    const [kind = '', ...name] = title.split(/\s+/)
    return { kind, name: name.join(' '), title, line, values: Object.fromEntries(values) }
  })
}

const begin = (reading: Reading, line: string, number: number): string | undefined => {
  const title = /^\[\s*([^[\]]*?)\s*\](?:\s*[;#].*)?$/.exec(line)?.[1]?.replace(/\s+/g, ' ')
  if (title === undefined || title === '') return `'${line}' is not a [section] line`
  const twice = reading.drafts.has(title)
  reading.current = reading.drafts.get(title) ?? { title, line: number, values: new Map() }
  reading.drafts.set(title, reading.current)
  return twice ? `section [${title}] appears twice: keep one of them` : undefined
}

const option = ({ current }: Reading, line: string): string | undefined => {
  const [left = '', ...rest] = line.split('=')
  const key = left.trim()
  if (current === undefined) return `option '${key}' stands before any section: move it below a [section] line`
  const at = `[${current.title}] ${key}`
  if (rest.length === 0 || key === '') return `[${current.title}]: '${line}' is not \`option = value\``
  if (current.values.has(key)) return `${at} appears twice: keep one of them`
  const value = unquoted(rest.join('=').trim())
  if (value === undefined) return `${at}: a value with ; or # must stand in double quotes`
  current.values.set(key, value)
  return undefined
}

/** A value without its quotes, as ini reads it; undefined where a comment might begin inside. */
const unquoted = (text: string): string | undefined => {
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) return String(unsafe(text)).trim()
  if (/[;#]/.test(text)) return undefined
  return /^'[^']*'$/.test(text) ? text.slice(1, -1).trim() : text
}
