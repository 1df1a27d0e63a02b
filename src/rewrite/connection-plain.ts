import { type AddressMap, bracket, mapPortal } from './address-map.ts'
import { type Connection, mapDevicePath, types } from './connection.ts'

type Level = Readonly<Record<string, unknown>>

const isLevel = (value: unknown): value is Level => typeof value === 'object' && value !== null && !Array.isArray(value)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const count = (text: string, needle: string): number => {
  let found = 0
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) found += 1
  return found
}

interface Value {
  readonly portal: boolean
  readonly text: string
}

/** The values that the rule reads, and under how many keys; undefined when their types are unexpected. */
const valuesOf = (parsed: Level): { readonly values: readonly Value[]; readonly keys: number } | undefined => {
  const values: Value[] = []
  let keys = 0
  for (const level of [parsed, parsed['data']]) {
    if (!isLevel(level)) continue
    const { target_portal: one, target_portals: several, device_path: path } = level
    keys += [one, several, path].filter((value) => value !== undefined).length
    if (several !== undefined && !Array.isArray(several)) return undefined
    for (const text of [one, ...(several ?? [])]) if (typeof text === 'string') values.push({ portal: true, text })
    if (typeof path === 'string') values.push({ portal: false, text: path })
  }
  return { values, keys }
}

type Texts = readonly (readonly [from: string, to: string])[]

/** Built once per map, not per row. */
const known = new WeakMap<AddressMap, Texts>()

/** Addresses as written before a port, each with its replacement. */
export const portalTexts = (map: AddressMap): Texts => {
  const texts = known.get(map) ?? [...map].map(([from, to]) => [`${bracket(from)}:`, `${bracket(to)}:`] as const)
  known.set(map, texts)
  return texts
}

export const replaceTexts = (text: string, texts: Texts): string =>
  texts.reduce((rest, [from, to]) => rest.replaceAll(from, to), text)

/**
 * What `readConnection` returns for nearly all texts that services write, in a fifth of the time. Without escapes every
 * value appears literally in the text; if the old addresses appear only in values that the rule edits, and replacing
 * them there is the whole edit, then replacing them in the text is equivalent. undefined: not the case, or a key occurs
 * twice.
 */
export const readPlainConnection = (text: string, map: AddressMap): Connection | undefined => {
  if (text.includes('\\')) return undefined
  const parsed = parse(text)
  if (!isLevel(parsed)) return undefined
  const type = parsed['driver_volume_type']
  if (typeof type !== 'string' || !types.includes(type) || count(text, '"driver_volume_type"') !== 1) return undefined
  const found = valuesOf(parsed)
  if (found === undefined || count(text, '"target_portal') + count(text, '"device_path"') !== found.keys)
    return undefined
  const texts = portalTexts(map)
  const strange: string[] = []
  const edited: string[] = []
  for (const { portal, text: value } of found.values) {
    const mapped = portal ? mapPortal(value, map) : mapDevicePath(value, map)
    if (mapped !== undefined && replaceTexts(value, texts) !== mapped) return undefined
    if (mapped !== undefined) edited.push(value)
    else if (portal) strange.push(value)
  }
  const inEdited = (needle: string): number => edited.reduce((sum, value) => sum + count(value, needle), 0)
  if (strange.length > 1 || texts.some(([from]) => count(text, from) !== inEdited(from))) return undefined
  return { json: true, type, strange, after: edited.length === 0 ? text : replaceTexts(text, texts) }
}
