import { findRelease } from '../releases/release.ts'
import type { AddressMap } from './addresses.ts'
import { type Carried, carry, type Note, secretOf, shown } from './carry.ts'
import { places } from './data/removed-options.ts'
import { type Given, given, type Knowledge } from './decide.ts'
import { type Decision, isSecretName, masked } from './decision.ts'
import { add, type Draft, type Extra, needed } from './needs.ts'
import { type KnownOptions, withSectionsOf } from './options.ts'
import { type ConfFile, parse, render, sameSection } from './oslo-conf.ts'
import { remove, setTexts } from './oslo-edit.ts'
import { type Rewriting, rewrite } from './rewrite.ts'

export type { Extra } from './needs.ts'

export interface Merge {
  /** the file's path: named in decisions and complaints */
  readonly path: string
  /** 'nova' */
  readonly project: string
  /** text of the source's file */
  readonly source: string
  /** text of the target's file as its packages brought it; '' when there is none */
  readonly target: string
  readonly options: KnownOptions
  readonly map: AddressMap
  /** the release to arrive at, by name or number */
  readonly release: string
  readonly extra?: readonly Extra[]
}

export interface Merged {
  readonly text: string
  readonly decisions: readonly Decision[]
}

/** Carries one option over, its values rewritten for the target. */
const place = ({ file, notes }: Draft, one: Carried, how: Rewriting): Draft => {
  const { option, verdict } = one
  const values = one.texts.map((text) => rewrite(option, secretOf(option), text, how))
  const texts = values.flatMap(({ text }) => text ?? [])
  const written = setTexts(file, option.section, option.name, texts)
  const changed = texts.join('\n') !== one.texts.join('\n')
  if (one.made && !changed) return { file: written, notes }
  const reasons = new Set([verdict.reason, ...values.flatMap(({ reasons }) => reasons)])
  if (changed && verdict.fate === 'kept') reasons.delete(verdict.reason)
  const fate = texts.length === 0 ? 'dropped' : verdict.fate === 'renamed' ? 'renamed' : changed ? 'rewritten' : 'kept'
  const note: Note = {
    section: one.from.section,
    option: one.from.key,
    fate,
    ...(fate === 'kept' ? {} : { from: shown(one.texts, secretOf(option)) }),
    ...toward(one, fate, changed ? texts : []),
    reason: [...reasons].join('; '),
    ...(verdict.look || values.some(({ look }) => look) ? { look: true } : {}),
  }
  return { file: written, notes: [...notes, note] }
}

const toward = ({ option }: Carried, fate: Note['fate'], texts: readonly string[]): { to?: string } => {
  const value = shown(texts, secretOf(option))
  if (fate === 'rewritten') return { to: value }
  if (fate !== 'renamed') return {}
  return { to: `[${option.section}] ${option.name}${texts.length > 0 ? ` = ${value}` : ''}` }
}

/**
 * Active lines of the packages' file that the source does not have go: the source ran with the built-in default, and
 * the packages' value may be wrong for this cloud (region_name = regionOne). Where the packages put things stays.
 */
const withoutPackaged = ({ file, notes }: Draft, target: ConfFile, carried: readonly Carried[]): Draft => {
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
          from: shown(texts, isSecretName(key)),
          reason: "set by the target's packages; the source has the built-in default",
        }),
      ),
    ],
  }
}

/** The options that are in force no more, as comments at the end. Secrets are left out: the source's file has them. */
const remembered = (source: ConfFile, notes: readonly Note[], release: string): string => {
  const lines = notes.flatMap(({ fate, section, option, reason }) =>
    fate !== 'unknown'
      ? []
      : given(source)
          .filter((it) => it.key === option && it.section === section)
          .flatMap(({ texts }) => texts)
          .map((text) => `[${section}] ${option} = ${masked(text, isSecretName(option))}   (${reason})`),
  )
  if (lines.length === 0) return ''
  const head = `\n# swapctl: options of the source that ${release} does not know; they are not in force\n`
  return head + lines.map((line) => `# ${line.replaceAll('\n', '\n#   ')}\n`).join('')
}

/**
 * The target's file with the source's values in it, and what became of each option. The target's comments stay, each
 * option stands under its commented default or in its section. Always merge from the file as the packages brought it:
 * then the same input gives the same text. Pure; throws SwapError (exit 2) when a file cannot be read by oslo.config.
 */
export const mergeConfig = (merge: Merge): Merged => {
  const { path, project } = merge
  const source = parse(merge.source, `${path} on the source`)
  const target = parse(merge.target, `${path} on the target`)
  const release = findRelease(merge.release).index
  const knowledge: Knowledge = { project, source, target, release, known: withSectionsOf(source, merge.options) }
  const { carried, notes } = carry(knowledge)
  const start = withoutPackaged({ file: target, notes }, target, carried)
  const how: Rewriting = { project, release, map: merge.map }
  const placed = carried.reduce((draft, one) => place(draft, one, how), start)
  const extras = [...(merge.extra ?? []), ...needed(placed.file, knowledge)]
  const done = extras.reduce((draft, extra) => add(draft, extra), placed)
  return {
    text: ended(render(done.file)) + remembered(source, done.notes, merge.release),
    decisions: done.notes.map((note) => ({ file: path, ...note })),
  }
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
