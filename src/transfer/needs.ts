import { type Note, shown } from './carry.ts'
import { additions } from './data/additions.ts'
import type { Knowledge } from './decide.ts'
import { isSecretName } from './decision.ts'
import { type ConfFile, get, sameSection } from './oslo-conf.ts'
import { set } from './oslo-edit.ts'

/** An option that this pair of releases needs. `yields`: a value that the source gives is left as it is. */
export interface Extra {
  readonly section: string
  readonly option: string
  readonly value: string
  readonly reason: string
  readonly yields?: true
}

/** The target's file as far as it is, and what was decided. */
export interface Draft {
  readonly file: ConfFile
  readonly notes: readonly Note[]
}

/** Puts one needed option into the file, over the source's value unless it yields. */
export const add = ({ file, notes }: Draft, { section, option, value, reason, yields }: Extra): Draft => {
  const theirs = get(file, section, option)
  if (theirs === value || (yields && theirs !== undefined)) return { file, notes }
  const secret = isSecretName(option)
  const before = theirs === undefined ? {} : { from: shown([theirs], secret) }
  const note: Note = { section, option, fate: 'added', ...before, to: shown([value], secret), reason }
  // an override is spoken of once
  const others = notes.filter((it) => !(it.option === option && sameSection(it.section, section) && it.fate === 'kept'))
  return { file: set(file, section, option, value), notes: [...others, note] }
}

/** What the release needs and the source lacks, as single options. Taken from the merged file, so that it is translated. */
export const needed = (file: ConfFile, { project, release, known }: Knowledge): readonly Extra[] =>
  additions
    .filter((it) => it.project === project && it.since <= release && get(file, ...it.unless) === undefined)
    .flatMap(({ section, set: values, copy, reason }) => {
      const own = Object.entries(values).map(([option, value]) => ({ section, option, value, reason }))
      const copies = (copy?.options ?? []).flatMap((option) => {
        const value = copy === undefined ? undefined : get(file, copy.from, option)
        return value === undefined || known.live(section, option) === undefined
          ? []
          : [{ section, option, value, reason, yields: true as const }]
      })
      return [...own, ...copies]
    })
