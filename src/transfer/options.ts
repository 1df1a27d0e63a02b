import { type ConfFile, get, sameSection, sections } from './oslo-conf.ts'
import { dynamicOptions, dynamicSections, openSections } from './rules.ts'

/** Output of `oslo-config-generator --format json`, as far as it is used. Same format since oslo.config 4.3 (Pike). */
export interface GeneratorOutput {
  readonly options: Readonly<Record<string, { readonly opts: readonly GeneratorOption[] }>>
  readonly deprecated_options: Readonly<Record<string, readonly GeneratorAlias[]>>
}

interface GeneratorOption {
  /** may contain dashes; the key in a file is `dest` */
  readonly name: string
  readonly dest: string
  readonly type: string
  readonly secret: boolean
  readonly deprecated_for_removal?: boolean
  readonly deprecated_reason?: string | null
}

interface GeneratorAlias {
  readonly name: string
  readonly replacement_group: string
  /** the replacement's `name`, including dashes */
  readonly replacement_name: string
}

/** An option as the target's code reads it from a file. */
export interface KnownOption {
  readonly section: string
  readonly name: string
  /** repeated lines are a list */
  readonly multi: boolean
  readonly secret: boolean
  /** why its authors want to remove it in a later release */
  readonly leaving?: string
}

/** The options of the target's packages. Section names are compared as in oslo.config, option names exactly. */
export interface KnownOptions {
  live(section: string, name: string): KnownOption | undefined
  /** the options that replace an old name; several when the code reads the old name for each of them */
  replacements(section: string, name: string): readonly KnownOption[]
  /** the section accepts options that are on no list (plugins) */
  open(section: string): boolean
  /** an option of this name, or one that it was renamed to, is secret in some section */
  hides(name: string): boolean
}

const groupKey = (section: string): string => (section === 'DEFAULT' ? section : section.toLowerCase())
const keyOf = (section: string, name: string): string => `${groupKey(section)}\n${name}`

// One old name means both databases: a service that used it only had the main one (nova's API database came in Kilo),
// and giving the other the main database's URL would mix the two.
const secondDatabases: readonly string[] = ['api_database']

/** Parses the generator's JSON. A current name wins over an alias of the same name, as in oslo.config. */
export const knownOptions = (json: GeneratorOutput): KnownOptions => {
  const live = new Map<string, KnownOption>()
  const byName = new Map<string, KnownOption>()
  for (const [section, { opts }] of Object.entries(json.options))
    for (const opt of opts) {
      const known = knownOption(section, opt)
      live.set(keyOf(section, opt.dest), known)
      byName.set(keyOf(section, opt.name), known)
    }
  const aliases = new Map<string, KnownOption[]>()
  for (const [section, list] of Object.entries(json.deprecated_options))
    for (const alias of list) {
      const known = byName.get(keyOf(alias.replacement_group, alias.replacement_name))
      const key = keyOf(section, alias.name)
      // an option defined in two namespaces is listed twice
      const others = aliases.get(key) ?? []
      if (known !== undefined && !live.has(key) && !others.includes(known)) aliases.set(key, [...others, known])
    }
  const hidden = new Set([...live.values()].filter(({ secret }) => secret).map(({ name }) => name))
  for (const [key, list] of aliases) if (list.some(({ secret }) => secret)) hidden.add(key.slice(key.indexOf('\n') + 1))
  return {
    hides: (name) => hidden.has(name),
    live: (section, name) => live.get(keyOf(section, name)),
    replacements: (section, name) => withoutSecond(aliases.get(keyOf(section, name)) ?? []),
    open: (section) => openSections.some((one) => sameSection(one, section)),
  }
}

const knownOption = (section: string, opt: GeneratorOption): KnownOption => ({
  section,
  name: opt.dest,
  multi: opt.type === 'multi valued',
  secret: opt.secret,
  ...(opt.deprecated_for_removal ? { leaving: (opt.deprecated_reason ?? '').replace(/\s+/g, ' ').trim() } : {}),
})

const withoutSecond = (found: readonly KnownOption[]): readonly KnownOption[] =>
  found.length < 2 ? found : found.filter(({ section }) => !secondDatabases.includes(section))

const namesIn = (file: ConfFile, [section, option]: readonly [string, string]): readonly string[] =>
  (section === '*' ? sections(file) : [section])
    .map((one) => get(file, one, option) ?? '')
    .flatMap((list) => list.split(/[\s,]+/))
    .map((name) => name.split(':')[0] ?? '')

/** The same options, plus sections that this file defines (a volume backend, an image store). */
export const withSectionsOf = (file: ConfFile, known: KnownOptions): KnownOptions => {
  const likeOf = (section: string): readonly string[] | undefined => {
    const found = dynamicSections.filter(
      ({ by, named }) =>
        named?.test(section) || (by !== undefined && namesIn(file, by).some((it) => sameSection(it, section))),
    )
    return found.length === 0 ? undefined : found.flatMap(({ like }) => like)
  }
  const here = (section: string) => (option: KnownOption) => ({ ...option, section })
  const named = (section: string, name: string): KnownOption | undefined =>
    dynamicOptions.some((one) => sameSection(one.section, section) && namesIn(file, one.by).includes(name))
      ? { section, name, multi: false, secret: false }
      : undefined
  return {
    hides: known.hides,
    live: (section, name) => {
      const found = known.live(section, name) ?? named(section, name)
      const similar = (likeOf(section) ?? []).flatMap((like) => known.live(like, name) ?? []).map(here(section))
      return found ?? similar[0]
    },
    replacements: (section, name) => {
      const found = known.replacements(section, name)
      if (found.length > 0) return found
      const similar = (likeOf(section) ?? []).map((like) => known.replacements(like, name).map(here(section)))
      return similar.find((list) => list.length > 0) ?? []
    },
    open: (section) => known.open(section) || likeOf(section)?.length === 0,
  }
}
