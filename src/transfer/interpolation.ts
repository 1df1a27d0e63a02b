import { decide, given, type Knowledge } from './decide.ts'
import type { KnownOption } from './options.ts'
import { get, sameSection } from './oslo-conf.ts'
import { goneDefaults } from './rules.ts'
import { alsoIn, effectiveOf } from './siblings.ts'

/**
 * A value with its references filled in; `lost`: one of them is not an option on the target, and its value is unknown.
 */
export interface Filled {
  readonly text: string
  /** what was filled in: '[DEFAULT] glance_host' */
  readonly names: readonly string[]
  readonly lost: boolean
}

type Place = Pick<KnownOption, 'section' | 'name'>

// As in string.Template; oslo.config's names may contain dots, and \$ is a dollar too (oslo_config/cfg.py,
// _substitute).
const reference = /\\\$|\$\$|\$(?:\{([_a-z][._a-z0-9]*)\}|([_a-z][._a-z0-9]*))/gi

const split = (word: string): Place | undefined => {
  const at = word.indexOf('.')
  return at < 0 ? undefined : { section: word.slice(0, at), name: word.slice(at + 1) }
}

/** The source option that a reference in this section means: of another group, of the same, else of DEFAULT. */
const meant = (word: string, section: string, knowledge: Knowledge): Place => {
  const { known } = knowledge
  const own = get(effectiveOf(knowledge), section, word) !== undefined || known.live(section, word) !== undefined
  return split(word) ?? { section: own ? section : 'DEFAULT', name: word }
}

/** The option that the target takes the reference for. */
const found = (word: string, section: string, knowledge: Knowledge): Place | undefined => {
  const { known } = knowledge
  const other = split(word)
  const at = (section: string, name: string): Place | undefined =>
    known.live(section, name) ??
    (known.open(section) && get(effectiveOf(knowledge), section, name) !== undefined ? { section, name } : undefined)
  return other === undefined ? (at(section, word) ?? at('DEFAULT', word)) : at(other.section, other.name)
}

const same = (a: Place, b: Place): boolean => a.name === b.name && sameSection(a.section, b.section)

/** Whether the value of `from` on the source ends up at `to`. */
const arrives = (from: Place, to: Place, knowledge: Knowledge): boolean => {
  if (same(from, to)) return true
  const option = given(effectiveOf(knowledge)).find((it) => same({ section: it.section, name: it.key }, from))
  return option !== undefined && decide(option, knowledge).to.some((it) => same(it, to))
}

/**
 * Fills in references that the target would not resolve the same way: options that are renamed, moved, merged or gone
 * (reading a missing one raises NoSuchOptError). `all`: the others as well, for a value that must stay as the source
 * read it. For an option that the source does not set, the old default is used if known.
 */
export const fillIn = (
  text: string,
  from: string,
  to: string,
  knowledge: Knowledge,
  all = false,
  depth = 0,
): Filled => {
  const names = new Set<string>()
  let lost = false
  const filled = text.replace(reference, (whole: string, braced?: string, plain?: string) => {
    const word = braced ?? plain
    if (word === undefined) return whole
    const here = meant(word, from, knowledge)
    const there = found(word, to, knowledge)
    if (!all && there !== undefined && arrives(here, there, knowledge)) return whole
    const value = valueAt(here, knowledge)
    if (value === undefined || depth > 8) {
      lost ||= there === undefined || !same(here, there)
      return whole
    }
    const inner = fillIn(value, here.section, to, knowledge, all, depth + 1)
    lost ||= inner.lost
    names.add(nameOf(here, knowledge))
    return inner.text
  })
  return { text: filled, names: [...names], lost }
}

/** What was filled in, and of which file if it is another one. */
const nameOf = ({ section, name }: Place, knowledge: Knowledge): string => {
  const { source, siblings } = knowledge
  const later = alsoIn({ siblings: siblings.filter((one) => one.later) }, section, name)
  const path = later ?? (get(source, section, name) === undefined ? alsoIn(knowledge, section, name) : undefined)
  return `[${section}] ${name}${path === undefined ? '' : ` of ${path}`}`
}

const valueAt = ({ section, name }: Place, knowledge: Knowledge): string | undefined =>
  get(effectiveOf(knowledge), section, name) ??
  (section === 'DEFAULT' && name === 'host' ? knowledge.hostname : undefined) ??
  goneDefaults.find((it) => it.project === knowledge.project && it.section === section && it.name === name)?.value
