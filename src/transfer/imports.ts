import type { Imported } from '../services/options.ts'
import type { Choice } from '../settings/choices.ts'
import { goneDataOf } from './assumed.ts'
import { importing, notHere } from './data/imported.ts'
import { mergeConfig } from './merge.ts'
import { type Option, options, parse, sameSection } from './oslo-conf.ts'
import { imported } from './rules.ts'

/** Something that a service imports because of an option. */
export interface Import {
  readonly section: string
  readonly option: string
  /** 'vpnaas', 'neutron.db.quota_db.DbQuotaDriver' */
  readonly word: string
  /** the entry point's group, if the option names an entry point; absent for a plain path */
  readonly group?: string
  readonly name: string
}

const dotted = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+(:[A-Za-z_]\w*)?$/

const wordsOf = ({ value }: Option): readonly string[] =>
  value
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')

/**
 * What a project's file makes its services import on the target, after all corrections by the merge. Does not ask the
 * target for its options: an option counts unless it is known to be gone by `release`. `choices`: the operator's
 * decisions on this service.
 */
export const importsOf = (
  path: string,
  project: string,
  text: string,
  release: string,
  choices: readonly Choice[] = [],
): readonly Import[] => {
  const known = goneDataOf(project, release)
  const map = { pairs: new Map(), stays: new Set<string>() }
  const merged = mergeConfig({ path, project, source: text, target: '', options: known, map, release, choices })
  const all = options(parse(merged.text))
  return all.flatMap((option) => {
    const entry = imported.find(
      (one) =>
        [project, '*'].includes(one.project) && one.option === option.key && sameSection(one.section, option.section),
    )
    if (entry !== undefined) return wordsOf(option).map((word) => entryPoint(entry, word, option, all))
    if (!importing.test(option.key) || notHere.test(option.key)) return []
    return wordsOf(option)
      .filter((word) => dotted.test(word))
      .map((word) => ({ section: option.section, option: option.key, word, name: word }))
  })
}

const entryPoint = ({ group, named }: Imported, word: string, option: Option, all: readonly Option[]): Import => {
  const given = named && all.findLast(({ section, key }) => key === word && sameSection(section, named.section))?.value
  return {
    ...{ section: option.section, option: option.key, word },
    group: group.replace('<word>', word),
    name: named === undefined ? word : given || named.otherwise,
  }
}
