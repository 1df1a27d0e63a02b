import type { Composition } from '../services/options.ts'
import type { Choice } from '../settings/choices.ts'
import { packaged } from './data/removed-options.ts'
import { goneOption, releaseIndex } from './gone.ts'
import type { KnownOption, KnownOptions } from './options.ts'
import { type ConfFile, get, options, sameSection } from './oslo-conf.ts'
import { compositions, gone, moves } from './rules.ts'
import { alsoIn, nearestFirst, plainly, type Sibling } from './siblings.ts'

/** One option of the source's file with all its lines, in order. */
export interface Given {
  readonly section: string
  readonly key: string
  readonly texts: readonly string[]
}

/** Where an option of the source goes. Without `to`: nowhere. */
export interface Verdict {
  readonly fate: 'kept' | 'renamed' | 'merged' | 'dropped' | 'unknown'
  readonly to: readonly KnownOption[]
  readonly reason: string
  readonly look?: true
  /** the operator decided to copy the value unchanged */
  readonly asItIs?: true
  readonly composition?: Composition
}

export interface Knowledge {
  readonly project: string
  readonly known: KnownOptions
  readonly source: ConfFile
  /** the service's other files on the source, in the order in which it reads them */
  readonly siblings: readonly Sibling[]
  readonly target: ConfFile
  /** index of the target's release */
  readonly release: number
  /** index of the source's release, if known */
  readonly from?: number
  /** the source's host name, the default of an option `host` */
  readonly hostname?: string
  /** the operator's decisions on this file's options */
  readonly choices?: readonly Choice[]
}

/** The options of a file, without duplicates; repeated lines are joined. */
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

/** The target's option of that name, also in a section that accepts any name. */
const present = (known: KnownOptions, section: string, name: string): KnownOption | undefined =>
  known.live(section, name) ?? (known.open(section) ? option(section, name) : undefined)

const packagesOwn: Rule = ({ section, key, texts }, { target }) => {
  if (!packaged.includes(key)) return undefined
  const theirs = get(target, section, key)
  const same = theirs === texts.at(-1)
  const movable = ['lock_path', 'policy_dirs', 'sso_callback_template'].includes(key) && theirs === undefined
  if (same || movable) return undefined
  const json = key === 'policy_file' && texts.at(-1)?.endsWith('.json')
  if (key === 'policy_file' && theirs === undefined && !json) return undefined
  const reason = json ? 'rules in JSON are no longer the default: review the policy' : 'set by the packages'
  return { fate: 'dropped', to: [], reason: `${reason}; the target's value is kept`, ...(json ? { look: true } : {}) }
}

const live: Rule = ({ section, key }, { known }) => {
  const found = known.live(section, key)
  if (found === undefined) return undefined
  const leaving = found.leaving === undefined ? '' : `; to be removed in a later release. ${found.leaving}`.trimEnd()
  return { fate: 'kept', to: [found], reason: `the source's value${leaving}` }
}

const alias: Rule = ({ section, key }, { known }) => {
  const to = known.replacements(section, key)
  return to.length === 0 ? undefined : { fate: 'renamed', to, reason: "the target's list of renamed options" }
}

const composed: Rule = ({ section, key }, knowledge) => {
  const { project, source } = knowledge
  const composition = compositions.find(
    (one) =>
      covers(one.project, project) && one.uses.includes(key) && one.sections.some((it) => sameSection(it, section)),
  )
  if (composition === undefined) return undefined
  if (composition.make(plainly(nearestFirst(knowledge))).length === 0) return undefined
  const instead = composition.unless.find(([where, name]) => get(source, where, name) !== undefined)
  if (instead !== undefined)
    return { fate: 'dropped', to: [], reason: `the source sets [${instead[0]}] ${instead[1]}, which took precedence` }
  for (const [where, name] of composition.unless) {
    const path = alsoIn(knowledge, where, name)
    const reason = `${path} sets [${where}] ${name}, which took precedence`
    if (path !== undefined) return { fate: 'dropped', to: [], reason, look: true }
  }
  return { fate: 'merged', to: [], reason: composition.reason, composition }
}

const covers = (project: string, wanted: string): boolean => project === '*' || project === wanted

/**
 * Whether a section pattern of the data matches. *: any; <backend>: any section of a cinder backend, including DEFAULT
 * and shared ones.
 */
const means = (pattern: string, section: string, { known }: Knowledge): boolean =>
  pattern === '*' ||
  pattern.split('|').some((it) => sameSection(it, section)) ||
  (pattern === '<backend>' && known.live(section, 'target_helper') !== undefined)

const moved: Rule = (given, knowledge) => {
  for (const [project, sections, name, toSection, toName, reason] of moves) {
    if (name !== given.key || !covers(project, knowledge.project) || !means(sections, given.section, knowledge))
      continue
    const to = present(knowledge.known, ['*', '<backend>'].includes(toSection) ? given.section : toSection, toName)
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

/**
 * Where a move leads when the target's lists do not have the new name: they are those of the files that the target
 * reads, and an agent's file may be translated as well. Undefined when the new name is gone, too.
 */
const movedUnlisted: Rule = (given, knowledge) => {
  const found = moves.find(
    ([project, sections, name]) =>
      name === given.key && covers(project, knowledge.project) && means(sections, given.section, knowledge),
  )
  if (found === undefined || ['*', '<backend>'].includes(found[3])) return undefined
  const [, , , section, name, reason] = found
  if (goneOption(knowledge.project, section, name) !== undefined) return undefined
  const why = `${reason}; the new name is not on the target's option lists`
  return { fate: 'renamed', to: [option(section, name)], reason: why, look: true }
}

/** By the index of old names: renamed, or removed. */
const historic: Rule = (given, knowledge) => {
  const { section, key } = given
  const { project, known, release } = knowledge
  let at = goneOption(project, section, key)
  if (at === undefined || releaseIndex(at.release) > release) return undefined
  const since = at.release
  for (let hops = 0; at?.to !== undefined && hops < 8; hops += 1) {
    const now = present(known, at.to.section, at.to.name)
    const to = now === undefined ? known.replacements(at.to.section, at.to.name) : [now]
    if (to.length > 0) return { fate: 'renamed', to, reason: `its old name was removed in ${since}` }
    at = goneOption(project, at.to.section, at.to.name)
  }
  return movedUnlisted(given, knowledge) ?? { fate: 'unknown', to: [], reason: `removed in ${since}`, look: true }
}

const plugin: Rule = ({ section, key }, { known }) =>
  known.open(section) ? { fate: 'kept', to: [option(section, key)], reason: "the source's value" } : undefined

const dashed: Rule = ({ section, key }, { known }) =>
  known.live(section, key.replaceAll('-', '_')) === undefined
    ? undefined
    : { fate: 'unknown', to: [], reason: 'written with dashes: no release reads that from a file', look: true }

/**
 * There is no evidence that it is gone, and plugins and some services read options that are on no list. oslo.config
 * ignores what nothing reads, so keeping it does no harm.
 */
const unlisted = ({ section, key }: Given): Verdict => ({
  fate: 'kept',
  to: [option(section, key)],
  reason: "unknown to the target's option lists: kept because a plugin may read it",
  look: true,
})

// A current name wins over everything (it may also be an alias); facts about single options win over the index of old
// names.
const rules: readonly Rule[] = [packagesOwn, live, alias, composed, moved, dropped, historic, plugin, dashed]

export const decide = (option: Given, knowledge: Knowledge): Verdict => {
  for (const rule of rules) {
    const verdict = rule(option, knowledge)
    if (verdict !== undefined) return ownThere(verdict, option, knowledge) ?? verdict
  }
  return unlisted(option)
}

/** An old name may lead to an option that the packages control under its new name. */
const ownThere = ({ to: [now] }: Verdict, { texts }: Given, knowledge: Knowledge): Verdict | undefined =>
  now && packagesOwn({ section: now.section, key: now.name, texts }, knowledge)
