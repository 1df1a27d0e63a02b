import { findRelease, releaseNamed } from '../releases/release.ts'
import type { Choice } from '../settings/choices.ts'
import type { AddressMap } from './addresses.ts'
import { askOf, type Carried, carry, type Note, secretOf, shown } from './carry.ts'
import { answered, choicesHere, setByOperator, withoutDropped } from './chosen.ts'
import { places } from './data/removed-options.ts'
import { type Given, given, type Knowledge } from './decide.ts'
import { type Decision, masked } from './decision.ts'
import { withDomains } from './domains.ts'
import { fillIn } from './interpolation.ts'
import { add, type Draft, type Extra, needed, setElsewhere } from './needs.ts'
import { type KnownOptions, withSectionsOf } from './options.ts'
import { type ConfFile, parse, render, sameSection } from './oslo-conf.ts'
import { remove, setTexts } from './oslo-edit.ts'
import { unsetDefaults, withDefaults } from './pins.ts'
import { isIdentity, type Rewriting, type Rewritten, rewrite } from './rewrite.ts'
import { isSecretIn, registerHidden } from './secret-options.ts'
import { effectiveOf, type Sibling } from './siblings.ts'

export type { Extra } from './needs.ts'

/** Another file of the service; `later`: read after this one, so that what it sets wins. */
export interface SiblingText {
  readonly path: string
  readonly text: string
  readonly later: boolean
}

export interface Merge {
  /** the file's path, for decisions and errors */
  readonly path: string
  /** 'nova' */
  readonly project: string
  /** text of the source's file */
  readonly source: string
  /** text of the target's file as packaged; '' when there is none */
  readonly target: string
  readonly options: KnownOptions
  readonly map: AddressMap
  /** the target release, by name or number */
  readonly release: string
  /** the source's release by name or number, if known: for defaults of that release */
  readonly from?: string
  readonly extra?: readonly Extra[]
  /** this is the service's first file, where changed defaults are reported and pinned */
  readonly main?: true
  /** the source's other files of the service, in the order in which it reads them */
  readonly siblings?: readonly SiblingText[]
  /** the operator's decisions on this service */
  readonly choices?: readonly Choice[]
}

export interface Merged {
  readonly text: string
  readonly decisions: readonly Decision[]
  /** the operator's decisions that applied to this file */
  readonly used: readonly Choice[]
}

/** The release that removed identity API v2.0. */
const queens = releaseNamed('queens').index

/** The option's values on the target: references first, then rules and addresses. */
const valuesOf = (
  { option, from, texts, verdict }: Carried,
  knowledge: Knowledge,
  how: Rewriting,
): readonly Rewritten[] => {
  if (verdict.asItIs) return texts.map((text) => ({ text, reasons: [], look: false }))
  const identity = isIdentity(option, knowledge.known)
  return texts.map((text) => {
    const { text: filled, names, lost } = fillIn(text, from.section, option.section, knowledge, identity)
    if (identity) return { text: filled, reasons: names.map((name) => filledIn(name, true)), look: lost }
    const done = rewrite(option, secretOf(option, knowledge), filled, how)
    const reasons = [...names.map((name) => filledIn(name)), ...(lost ? [referring] : []), ...done.reasons]
    return { ...done, reasons, look: done.look || lost }
  })
}

const referring =
  'it refers to an option that the target does not know, so services fail to read it: write the value itself'
const filledIn = (name: string, identity = false): string =>
  identity ? `${name} inserted: database rows use this name` : `${name} inserted: the target does not read it here`

/** Puts one option into the target's file, with rewritten values. */
const place = ({ file, notes }: Draft, one: Carried, knowledge: Knowledge, how: Rewriting): Draft => {
  const { option, verdict } = one
  const secret = secretOf(option, knowledge)
  const values = valuesOf(one, knowledge, how)
  const texts = values.flatMap(({ text }) => text ?? [])
  const written = setTexts(file, option.section, option.name, texts)
  const changed = texts.join('\n') !== one.texts.join('\n')
  const look = verdict.look || values.some(({ look }) => look)
  if (one.made && !changed && !look) return { file: written, notes }
  const reasons = new Set([verdict.reason, ...values.flatMap(({ reasons }) => reasons)])
  const stops = stopsIn(values)
  if ((changed || stops.stops !== undefined) && verdict.fate === 'kept') reasons.delete(verdict.reason)
  const fate = texts.length === 0 ? 'dropped' : verdict.fate === 'renamed' ? 'renamed' : changed ? 'rewritten' : 'kept'
  const note: Note = {
    section: one.from.section,
    option: one.from.key,
    fate,
    ...(fate === 'kept' ? {} : { from: shown(one.texts, secret) }),
    ...toward(one, fate, shown(changed ? texts : [], secret)),
    reason: [...reasons].join('; '),
    ...(look ? { look: true } : {}),
    ...stops,
  }
  return { file: written, notes: [...notes, note] }
}

const stopsIn = (values: readonly Rewritten[]): Pick<Note, 'stops'> => {
  const all = [...new Set(values.flatMap(({ stops }) => stops ?? []))]
  return all.length === 0 ? {} : { stops: all.join('; ') }
}

const toward = ({ option }: Carried, fate: Note['fate'], value: string): { to?: string } => {
  if (fate === 'rewritten') return { to: value }
  if (fate !== 'renamed') return {}
  return { to: `[${option.section}] ${option.name}${value === '' ? '' : ` = ${value}`}` }
}

/**
 * Removes settings of the packages' file that the source does not have: the source ran with the built-in default, and
 * the packages' value may be wrong for this cloud (region_name = regionOne). Packaged paths stay.
 */
const withoutPackaged = ({ file, notes }: Draft, { target, known }: Knowledge, carried: readonly Carried[]): Draft => {
  const isCarried = ({ section, key }: Given): boolean =>
    carried.some(({ option }) => option.name === key && sameSection(option.section, section))
  const isPlace = ({ key, texts }: Given): boolean =>
    places.includes(key) || texts.every((text) => text.startsWith('/'))
  const going = given(target).filter((one) => !isCarried(one) && !isPlace(one))
  return {
    file: going.reduce((now, { section, key }) => remove(now, section, key), file),
    notes: [
      ...notes,
      ...going.map(
        ({ section, key, texts }): Note => ({
          section,
          option: key,
          fate: 'packaged-removed',
          from: shown(texts, isSecretIn(known, key)),
          reason: "set by the target's packages; the source has the built-in default",
        }),
      ),
    ],
  }
}

/** Options that no longer apply, as comments at the end. Secrets are left out; the source's file has them. */
const remembered = ({ source, known }: Knowledge, notes: readonly Note[], release: string): string => {
  const lines = notes.flatMap(({ fate, section, option, reason }) =>
    fate !== 'unknown'
      ? []
      : given(source)
          .filter((it) => it.key === option && it.section === section)
          .flatMap(({ texts }) => texts)
          .map((text) => `[${section}] ${option} = ${masked(text, isSecretIn(known, option))}   (${reason})`),
  )
  if (lines.length === 0) return ''
  const head = `\n# swapctl: options of the source that ${release} does not know; they are not in force\n`
  return head + lines.map((line) => `# ${line.replaceAll('\n', '\n#   ')}\n`).join('')
}

/**
 * The target's file with the source's values, and what became of each option. The target's comments stay; each option
 * is placed after its commented default or in its section. Always start from the packaged file, so that the same input
 * gives the same text. Pure; throws SwapError (exit 2) when oslo.config could not read a file.
 */
export const mergeConfig = (merge: Merge): Merged => {
  const { path, project } = merge
  const source = parse(merge.source, `${path} on the source`)
  const target = parse(merge.target, `${path} on the target`)
  const release = findRelease(merge.release).index
  const siblings = siblingsOf(merge)
  const known = withSectionsOf(effectiveOf({ source, siblings }), merge.options)
  for (const file of [source, target]) registerHidden(file, known)
  const knowledge: Knowledge = {
    project,
    source,
    siblings,
    target,
    release,
    known,
    ...besides(merge, source, siblings),
  }
  const { carried, notes } = carry(knowledge)
  const start = withoutPackaged({ file: target, notes }, knowledge, carried)
  const how: Rewriting = { project, release, map: merge.map, ask: askOf(knowledge) }
  const placed = carried.reduce((draft, one) => place(draft, one, knowledge, how), start)
  const adding = add(knowledge)
  const domains =
    release < queens
      ? []
      : withDomains(placed.file).filter(({ section, option }) => !setElsewhere(knowledge, section, option))
  const logins = withoutDropped(domains, knowledge).reduce(adding, placed)
  const extras = [...(merge.extra ?? []), ...needed(logins.file, knowledge)]
  const added = withoutDropped(extras, knowledge).reduce(adding, logins)
  const defaults = merge.main === undefined ? [] : unsetDefaults(added.file, knowledge)
  const done = setByOperator(knowledge).reduce(adding, withDefaults(added, defaults, knowledge))
  const met = { given: given(source), added: [...domains, ...extras].map(placeOf), defaults: defaults.map(placeOf) }
  return {
    text: ended(render(done.file)) + remembered(knowledge, done.notes, merge.release),
    decisions: done.notes.map((note) => ({ file: path, ...note })),
    used: answered(knowledge.choices ?? [], met),
  }
}

const placeOf = ({ section, option }: { readonly section: string; readonly option: string }) => ({
  section,
  key: option,
})

const siblingsOf = ({ siblings = [] }: Merge): readonly Sibling[] =>
  siblings.map(({ path, text, later }) => ({ path, later, file: parse(text, `${path} on the source`) }))

/** Optional knowledge, if given. */
const besides = (
  merge: Merge,
  source: ConfFile,
  siblings: readonly Sibling[],
): Pick<Knowledge, 'from' | 'hostname' | 'choices'> => {
  const { path, map, from, choices } = merge
  const among = { path, source, main: merge.main === true, others: siblings.map(({ file }) => file) }
  return {
    ...(from === undefined ? {} : { from: findRelease(from).index }),
    ...(map.hostname ? { hostname: map.hostname } : {}),
    ...(choices === undefined ? {} : { choices: choicesHere(choices, among) }),
  }
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
