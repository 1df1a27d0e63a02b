import { isDeepStrictEqual } from 'node:util'
import type { AskSource, Composition, Made } from '../services/options.ts'
import { chosen } from './chosen.ts'
import { decide, type Given, given, type Knowledge, type Verdict } from './decide.ts'
import { type Decision, masked } from './decision.ts'
import { fillIn } from './interpolation.ts'
import type { KnownOption } from './options.ts'
import { type ConfFile, encode, get, sameSection } from './oslo-conf.ts'
import { isSecretIn } from './secret-options.ts'
import { alsoIn, effectiveOf, nearestFirst, type Sibling } from './siblings.ts'

/** A decision without its file. */
export type Note = Omit<Decision, 'file'>

/** An option on its way into the target's file. `made`: composed of several old ones, which were already reported. */
export interface Carried {
  readonly option: KnownOption
  readonly texts: readonly string[]
  readonly from: Given
  readonly verdict: Verdict
  readonly made?: true
}

export const secretOf = (option: KnownOption, { known }: Pick<Knowledge, 'known'>): boolean =>
  option.secret || isSecretIn(known, option.name)

export const shown = (texts: readonly string[], secret: boolean): string =>
  texts.map((text) => masked(text, secret)).join(' | ')

const note = ({ section, key, texts }: Given, verdict: Verdict, { known }: Knowledge, to?: string): Note => ({
  section,
  option: key,
  fate: verdict.fate,
  from: shown(texts, isSecretIn(known, key) || verdict.to.some(({ secret }) => secret)),
  ...(to === undefined ? {} : { to }),
  reason: verdict.reason,
  ...(verdict.look ? { look: true } : {}),
})

/** Reads a value from the first of these files that has it; references are filled in that the target would not resolve. */
const askIn =
  (files: readonly ConfFile[], knowledge: Knowledge): AskSource =>
  (sections, name) => {
    for (const file of files)
      for (const section of sections) {
        const value = get(file, section, name)
        if (value !== undefined) return fillIn(value, section, 'DEFAULT', knowledge).text
      }
    return undefined
  }

/** The same from what the service reads. */
export const askOf = (knowledge: Knowledge): AskSource => askIn([effectiveOf(knowledge)], knowledge)

interface Part {
  readonly from: Given
  readonly verdict: Verdict
}

/** Files of the service, besides this one, with a part of the composition. */
const sharersOf = (composition: Composition, knowledge: Knowledge): readonly Sibling[] =>
  knowledge.siblings.filter(({ file }) => given(file).some((one) => decide(one, knowledge).composition === composition))

/**
 * The new options of a composition, and why an operator should look. A file that has all it needs gets its own. Parts
 * in several files are put together in the last one, so that nothing is invented that overrides another file.
 */
const makeOf = (composition: Composition, knowledge: Knowledge): { made: readonly Made[]; because?: string } => {
  const own = composition.make(askIn([knowledge.source], knowledge))
  const made = composition.make(askIn(nearestFirst(knowledge), knowledge))
  if (isDeepStrictEqual(own, made)) return { made }
  const sharers = sharersOf(composition, knowledge)
  const last = sharers.findLast(({ later }) => later)
  if (last !== undefined) return { made: [], because: `written in ${last.path}, which has parts of it and wins` }
  const from = sharers.length > 0 ? sharers : knowledge.siblings
  return { made, because: `with values of ${from.map(({ path }) => path).join(', ')}` }
}

/** Builds new options from several old ones, unless the source already sets the new name in one of its files. */
const compose = (composition: Composition, parts: readonly Part[], knowledge: Knowledge, notes: Note[]): Carried[] => {
  const { made: all, because } = makeOf(composition, knowledge)
  const isFree = ({ section, name }: Made): boolean =>
    get(knowledge.source, section, name) === undefined && alsoIn(knowledge, section, name) === undefined
  const made = all.filter(isFree)
  const more = because === undefined ? {} : { look: true as const, reason: `${composition.reason}; ${because}` }
  const names = made.map(({ section, name }) => `[${section}] ${name}`).join(', ')
  for (const { from, verdict } of parts) notes.push(note(from, { ...verdict, ...more }, knowledge, names || undefined))
  return made.map(({ section, name, value }) => {
    const option = knowledge.known.live(section, name) ?? { section, name, multi: false, secret: false }
    const texts = [encode(value)]
    const verdict: Verdict = { fate: 'merged', to: [option], reason: composition.reason }
    return { option, texts, from: { section, key: name, texts }, verdict, made: true }
  })
}

const same = (a: Carried, b: Carried): boolean =>
  a.option.name === b.option.name && sameSection(a.option.section, b.option.section)

/** One entry per target option: as in oslo.config the newest name wins; lists are joined. */
const settle = (all: readonly Carried[], knowledge: Knowledge, notes: Note[]): readonly Carried[] => {
  const newestFirst = all.toSorted((a, b) => rank(a) - rank(b))
  const winnerOf = (one: Carried): Carried => newestFirst.find((it) => same(it, one)) ?? one
  for (const one of all) {
    const winner = winnerOf(one)
    if (winner === one || one.made) continue
    const name = `[${winner.option.section}] ${winner.option.name}`
    const verdict: Verdict = one.option.multi
      ? { fate: 'merged', to: [], reason: 'its values are appended to those of the newer name' }
      : { fate: 'dropped', to: [], reason: `the source also sets ${name}, which wins` }
    notes.push(note(one.from, verdict, knowledge, one.option.multi ? name : undefined))
  }
  return all
    .filter((one) => winnerOf(one) === one)
    .map((one) =>
      one.option.multi
        ? { ...one, texts: newestFirst.filter((it) => same(it, one)).flatMap(({ texts }) => texts) }
        : one,
    )
}

const rank = ({ verdict }: Carried): number => ['kept', 'renamed', 'merged'].indexOf(verdict.fate)

/** The source's options that have a place in the target's file, in the source's order; reports those that have none. */
export const carry = (
  knowledge: Knowledge,
): { readonly carried: readonly Carried[]; readonly notes: readonly Note[] } => {
  const notes: Note[] = []
  const parts = given(knowledge.source).map((from): Part => ({ from, verdict: chosen(from, knowledge) }))
  const compositions = new Set(parts.flatMap(({ verdict }) => verdict.composition ?? []))
  const carried = parts.flatMap(({ from, verdict }) => {
    if (verdict.to.length === 0 && verdict.composition === undefined) notes.push(note(from, verdict, knowledge))
    return verdict.to.map((option): Carried => ({ option, texts: from.texts, from, verdict }))
  })
  for (const composition of compositions) {
    const mine = parts.filter(({ verdict }) => verdict.composition === composition)
    carried.push(...compose(composition, mine, knowledge, notes))
  }
  return { carried: settle(carried, knowledge, notes), notes }
}
