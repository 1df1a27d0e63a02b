import { refuse } from '../errors.ts'
import { type ConfFile, encode, isOption, type Option, optionOf, options, type Part, sameSection } from './oslo-conf.ts'

/**
 * Where a new option goes: after its commented default, else after the section's last option, else after its header.
 */
const place = (parts: readonly Part[], section: string, key: string): number | undefined => {
  let inside = section === 'DEFAULT' && parts[0]?.kind === 'option'
  let header: number | undefined
  let sample: number | undefined
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'section') inside = sameSection(part.name, section)
    if (!inside) continue
    if (part.kind !== 'text') header = index
    else if (sampleOf(part.raw) === key) sample = index
  }
  const at = sample ?? header
  return at === undefined ? undefined : at + 1
}

const sampleOf = (raw: string): string | undefined => /^[#;][ \t]?([\w.-]+)[ \t]*[=:]/.exec(raw)?.[1]

const ended = (part: Part): Part => (/[\r\n]$/.test(part.raw) ? part : { ...part, raw: `${part.raw}\n` })

const insert = (parts: readonly Part[], at: number, added: readonly Part[]): ConfFile => {
  const before = parts.slice(0, at)
  const last = before.at(-1)
  return { parts: [...before.slice(0, -1), ...(last === undefined ? [] : [ended(last)]), ...added, ...parts.slice(at)] }
}

const written = (section: string, key: string, text: string): Option => {
  if (!/^[^\s#;[=:][^=:\r\n]*$/.test(key)) throw refuse('config option', `'${key}' is not an option name`, 'Rename it')
  return optionOf(section, key, text, `${key} = ${text}\n`)
}

/** Like setAll, with values in written form (Option.text). */
export const setTexts = (file: ConfFile, section: string, key: string, texts: readonly string[]): ConfFile => {
  const first = file.parts.findIndex((part) => isOption(part, section, key))
  const added = texts.map((text) => written(section, key, text))
  const rest = file.parts.filter((part) => !isOption(part, section, key))
  if (added.length === 0) return { parts: rest }
  if (first >= 0) return insert(rest, first, added)
  const at = place(rest, section, key)
  if (at !== undefined) return insert(rest, at, added)
  const header: Part = { kind: 'section', raw: `${rest.length === 0 ? '' : '\n'}[${section}]\n`, name: section }
  return insert(rest, rest.length, [header, ...added])
}

/** Gives an option exactly these values: where it is, or else at its commented default or in its section. */
export const setAll = (file: ConfFile, section: string, key: string, values: readonly string[]): ConfFile =>
  setTexts(file, section, key, values.map(encode))

export const set = (file: ConfFile, section: string, key: string, value: string): ConfFile =>
  setAll(file, section, key, [value])

/** Adds a value to a multi-valued option, after the existing ones. */
export const append = (file: ConfFile, section: string, key: string, value: string): ConfFile =>
  setTexts(file, section, key, [
    ...options(file).flatMap((part) => (isOption(part, section, key) ? [part.text] : [])),
    encode(value),
  ])

export const remove = (file: ConfFile, section: string, key: string): ConfFile => setTexts(file, section, key, [])
