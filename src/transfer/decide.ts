import { type Composition, compositions } from './compose.ts'
import { gone, moves, packaged } from './data/removed-options.ts'
import { goneOption, releaseIndex } from './gone.ts'
import type { KnownOption, KnownOptions } from './options.ts'
import { type ConfFile, get, options, sameSection } from './oslo-conf.ts'

/** One option of the source's file with all its lines, in order. */
export interface Given {
  readonly section: string
  readonly key: string
  readonly texts: readonly string[]
}

/** Where an option of the source goes. No `to`: nowhere. */
export interface Verdict {
  readonly fate: 'kept' | 'renamed' | 'merged' | 'dropped' | 'unknown'
  readonly to: readonly KnownOption[]
  readonly reason: string
  readonly look?: true
  readonly composition?: Composition
}

export interface Knowledge {
  readonly project: string
  readonly known: KnownOptions
  readonly source: ConfFile
  readonly target: ConfFile
  /** the release of the target, by its place among all */
  readonly release: number
}

/** The options of a file, each once, with the lines of repeated ones together. */
export const given = (file: ConfFile): readonly Given[] => {
  const all = new Map<string, { section: string; key: string; texts: string[] }>()
  for (const { section, key, text } of options(file)) {
    const id = `${section === 'DEFAULT' ? section : section.toLowerCase()}\n${key}`
    const one = all.get(id) ?? { section, key, texts: [] }
    one.texts.push(text)
    all.set(id, one)
  }
  return [...all.values()]
}

type Rule = (option: Given, knowledge: Knowledge) => Verdict | undefined

const option = (section: string, name: string): KnownOption => ({ section, name, multi: false, secret: false })

/** The target's option of that name, also in a section that takes any. */
const present = (known: KnownOptions, section: string, name: string): KnownOption | undefined =>
  known.live(section, name) ?? (known.open(section) ? option(section, name) : undefined)

const packagesOwn: Rule = ({ section, key, texts }, { target }) => {
  if (!packaged.includes(key)) return undefined
  const theirs = get(target, section, key)
  const same = theirs !== undefined && theirs === texts.at(-1)
  const movable = ['lock_path', 'policy_dirs', 'sso_callback_template'].includes(key) && theirs === undefined
  if (same || movable) return undefined
  const json = key === 'policy_file' && texts.at(-1)?.endsWith('.json')
  if (key === 'policy_file' && theirs === undefined && !json) return undefined
  const reason = json ? 'rules in JSON are no longer the default: review the policy' : "the packages' own business"
  return { fate: 'dropped', to: [], reason: `${reason}; the target's own stands`, ...(json ? { look: true } : {}) }
}

const live: Rule = ({ section, key }, { known }) => {
  const found = known.live(section, key)
  if (found === undefined) return undefined
  const leaving = found.leaving === undefined ? '' : `; to be removed in a later release. ${found.leaving}`.trimEnd()
  return { fate: 'kept', to: [found], reason: `the source's value${leaving}` }
}

const alias: Rule = ({ section, key }, { known }) => {
  const to = known.replacements(section, key)
  return to.length === 0 ? undefined : { fate: 'renamed', to, reason: "the target's own list of renamed options" }
}

const composed: Rule = ({ section, key }, { project, source }) => {
  const composition = compositions.find(
    (one) =>
      covers(one.project, project) && one.uses.includes(key) && one.sections.some((it) => sameSection(it, section)),
  )
  if (composition === undefined) return undefined
  const instead = composition.unless.find(([where, name]) => get(source, where, name) !== undefined)
  if (instead === undefined) return { fate: 'merged', to: [], reason: composition.reason, composition }
  return { fate: 'dropped', to: [], reason: `the source sets [${instead[0]}] ${instead[1]}, which was in force` }
}

const covers = (project: string, wanted: string): boolean => project === '*' || project === wanted

/** Does a section of the data mean this one? <backend>: any that describes a cinder backend, DEFAULT and shared ones too. */
const means = (pattern: string, section: string, { known }: Knowledge): boolean =>
  pattern.split('|').some((it) => sameSection(it, section)) ||
  (pattern === '<backend>' && known.live(section, 'target_helper') !== undefined)

const moved: Rule = (given, knowledge) => {
  for (const [project, sections, name, toSection, toName, reason] of moves) {
    if (name !== given.key || !covers(project, knowledge.project) || !means(sections, given.section, knowledge))
      continue
    const to = present(knowledge.known, toSection === '<backend>' ? given.section : toSection, toName)
    if (to !== undefined) return { fate: 'renamed', to: [to], reason }
  }
  return undefined
}

const dropped: Rule = (given, knowledge) => {
  const found = gone.find(
    ([project, sections, names]) =>
      covers(project, knowledge.project) &&
      names.split(' ').includes(given.key) &&
      means(sections, given.section, knowledge),
  )
  return found && { fate: 'dropped', to: [], reason: found[3], ...(found[4] === 'look' ? { look: true } : {}) }
}

/** What the index of old names says: another option by now, or nothing at all. */
const historic: Rule = ({ section, key }, { project, known, release }) => {
  let at = goneOption(project, section, key)
  if (at === undefined || releaseIndex(at.release) > release) return undefined
  const since = at.release
  for (let hops = 0; at?.to !== undefined && hops < 8; hops += 1) {
    const now = present(known, at.to.section, at.to.name)
    const to = now === undefined ? known.replacements(at.to.section, at.to.name) : [now]
    if (to.length > 0) return { fate: 'renamed', to, reason: `its old name is gone since ${since}` }
    at = goneOption(project, at.to.section, at.to.name)
  }
  return { fate: 'unknown', to: [], reason: `removed in ${since}`, look: true }
}

const plugin: Rule = ({ section, key }, { known }) =>
  known.open(section) ? { fate: 'kept', to: [option(section, key)], reason: "the source's value" } : undefined

const unknown = ({ section, key }: Given, { known }: Knowledge): Verdict => {
  const dashes = known.live(section, key.replaceAll('-', '_')) !== undefined
  const reason = dashes ? 'written with dashes: no release reads it from a file' : 'no option of the target'
  return { fate: 'unknown', to: [], reason, look: true }
}

// A live name wins over everything (it may be an alias too); facts about single options over the index of all old names.
const rules: readonly Rule[] = [packagesOwn, live, alias, composed, moved, dropped, historic, plugin]

export const decide = (option: Given, knowledge: Knowledge): Verdict => {
  for (const rule of rules) {
    const verdict = rule(option, knowledge)
    if (verdict !== undefined) return verdict
  }
  return unknown(option, knowledge)
}
