import { type Note, shown } from './carry.ts'
import { decide, given, type Knowledge } from './decide.ts'
import type { Fate } from './decision.ts'
import { type ConfFile, get, sameSection } from './oslo-conf.ts'
import { set } from './oslo-edit.ts'
import { additions } from './rules.ts'
import { isSecretIn } from './secret-options.ts'

/** An option that this pair of releases needs. `yields`: a value set on the source takes precedence. */
export interface Extra {
  readonly section: string
  readonly option: string
  readonly value: string
  readonly reason: string
  readonly yields?: true
  readonly look?: true
  /** the fate in its decision; 'added' when absent */
  readonly fate?: Extract<Fate, 'added' | 'pinned' | 'set'>
}

/** The target's file so far, and the decisions made. */
export interface Draft {
  readonly file: ConfFile
  readonly notes: readonly Note[]
}

/** Adds one needed option to the file; overrides the source's value unless it yields. */
export const add =
  ({ known }: Knowledge) =>
  ({ file, notes }: Draft, { section, option, value, reason, yields, look, fate = 'added' }: Extra): Draft => {
    const theirs = get(file, section, option)
    if ((theirs === value && fate === 'added') || (yields && theirs !== undefined)) return { file, notes }
    const secret = isSecretIn(known, option)
    const before = theirs === undefined ? {} : { from: shown([theirs], secret) }
    const note: Note = {
      section,
      option,
      fate,
      ...before,
      to: shown([value], secret),
      reason,
      ...(look ? { look } : {}),
    }
    // an override is reported only once
    const same = (it: Note): boolean => it.option === option && sameSection(it.section, section)
    const others = notes.filter((it) => !(same(it) && (it.fate === 'kept' || fate === 'set')))
    return { file: set(file, section, option, value), notes: [...others, note] }
  }

/** Whether another file of the service sets an option, possibly by an old name of it. */
export const setElsewhere = (knowledge: Knowledge, section: string, option: string): boolean =>
  knowledge.siblings.some(({ file }) => {
    const there: Knowledge = { ...knowledge, source: file, siblings: [], choices: [] }
    return given(file).some(
      (one) =>
        (one.key === option && sameSection(one.section, section)) ||
        decide(one, there).to.some((to) => to.name === option && sameSection(to.section, section)),
    )
  })

/**
 * Single options that the release needs and no file of the source has. Based on the merged file, where names are
 * already translated. What depends on no other option is added to the service's first file only.
 */
export const needed = (file: ConfFile, knowledge: Knowledge): readonly Extra[] => {
  const { project, release, from, known, siblings } = knowledge
  const first = siblings.every(({ later }) => later)
  return additions
    .filter((it) => it.project === project && it.since <= release && get(file, ...it.unless) === undefined)
    .filter(({ unless }) => !setElsewhere(knowledge, ...unless))
    .filter(({ before }) => before === undefined || from === undefined || from < before)
    .filter(({ beside }) => beside === undefined || get(file, ...beside) !== undefined)
    .flatMap(({ section, set: values, beside, derive, copy, reason, look }) => {
      const own = Object.entries(values).map(([option, value]) => ({
        ...{ section, option, value, reason },
        ...(look ? { look } : {}),
      }))
      const copies = (copy?.options ?? []).flatMap((option) => {
        const value = copy === undefined ? undefined : get(file, copy.from, option)
        return value === undefined ||
          known.live(section, option) === undefined ||
          setElsewhere(knowledge, section, option)
          ? []
          : [{ section, option, value, reason, yields: true as const }]
      })
      const base = derive === undefined ? undefined : get(file, ...derive.from)
      const made = base === undefined ? undefined : derive?.change(base)
      const derived =
        made === undefined || derive === undefined ? [] : [{ section, option: derive.option, value: made, reason }]
      const here = first || beside !== undefined || copies.length > 0
      return [...(here ? own : []), ...derived, ...copies]
    })
}
