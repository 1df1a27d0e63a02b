import { complainOf } from '../settings/choices.ts'
import type { Note } from './carry.ts'
import { choiceFor } from './chosen.ts'
import type { Knowledge } from './decide.ts'
import { type ChangedDefault, changedDefaults } from './defaults.ts'
import { add, type Draft } from './needs.ts'
import { type ConfFile, get } from './oslo-conf.ts'

/**
 * Defaults that changed between the releases and that no file of the service sets; [] when the source's
 * release is unknown.
 */
export const unsetDefaults = (
  file: ConfFile,
  { project, source, from, release, siblings }: Knowledge,
): readonly ChangedDefault[] =>
  from === undefined
    ? []
    : changedDefaults(project, from, release).filter(
        ({ section, option, when }) =>
          [file, source, ...siblings.map((one) => one.file)].every((one) => get(one, section, option) === undefined) &&
          (when === undefined || when[2].test(get(file, when[0], when[1]) ?? '')),
      )

const told = ({ was, is, since, why, source }: ChangedDefault): string =>
  `nobody set it, and the default became '${is}' in ${since} (before: '${was}'); ${why}. Source: ${source}`

const withDefault =
  (knowledge: Knowledge) =>
  (now: Draft, one: ChangedDefault): Draft => {
    const { section, option, was, is } = one
    const choice = choiceFor({ section, key: option }, knowledge)
    if (choice?.kind === 'pin' && one.gone) throw complainOf(choice, `no later release takes the old default '${was}'`)
    if (choice?.kind === 'pin' || (one.pinned && choice === undefined)) {
      const because = choice === undefined ? '' : `decided by the operator: ${choice.reason}; `
      return add(knowledge)(now, { section, option, value: was, reason: `${because}${told(one)}`, fate: 'pinned' })
    }
    if (choice?.kind === 'set') return now
    const accepted = choice?.kind === 'drop' ? `decided by the operator: ${choice.reason}; ` : ''
    const note: Note = { section, option, fate: 'default', from: was, to: is, reason: `${accepted}${told(one)}` }
    return { file: now.file, notes: [...now.notes, accepted === '' ? { ...note, look: true } : note] }
  }

/**
 * Writes the old default where data depends on it or the operator pins it, and reports the others. Throws SwapError
 * (exit 2) for a pinned one that the target's release does not accept.
 */
export const withDefaults = (draft: Draft, found: readonly ChangedDefault[], knowledge: Knowledge): Draft =>
  found.reduce(withDefault(knowledge), draft)
