import { type Choice, complainOf } from '../settings/choices.ts'
import { decide, type Given, type Knowledge, type Verdict } from './decide.ts'
import type { Extra } from './needs.ts'
import { type ConfFile, encode, get, sameSection } from './oslo-conf.ts'

const means = ({ section, key }: Choice, option: { readonly section: string; readonly key: string }): boolean =>
  key === option.key && sameSection(section, option.section)

/** The operator's decision on an option; undefined: none. */
export const choiceFor = (
  option: { readonly section: string; readonly key: string },
  { choices = [] }: Pick<Knowledge, 'choices'>,
): Choice | undefined => choices.find((choice) => means(choice, option))

const because = ({ reason }: Choice): string => `decided by the operator: ${reason}`

/** Where an option of the source goes: by the operator's decision, otherwise by the rules. */
export const chosen = (option: Given, knowledge: Knowledge): Verdict => {
  const choice = choiceFor(option, knowledge)
  if (choice?.kind === 'drop') return { fate: 'dropped', to: [], reason: because(choice) }
  if (choice?.kind === 'pin') throw complainOf(choice, 'the source sets it: there is no default to pin; use keep')
  const verdict = decide(option, knowledge)
  if (choice?.kind !== 'keep') return verdict
  const known = knowledge.known.live(option.section, option.key)
  const to = known ?? { section: option.section, name: option.key, multi: false, secret: false }
  return { fate: 'kept', to: [to], reason: because(choice), asItIs: true }
}

/**
 * The options that the operator sets. Throws SwapError (exit 2) for one that the target does not accept, with what
 * became of it.
 */
export const setByOperator = (knowledge: Knowledge): readonly Extra[] =>
  (knowledge.choices ?? [])
    .filter(({ kind }) => kind === 'set')
    .map((choice) => {
      const { section, key, value = '' } = choice
      const verdict = decide({ section, key, texts: [encode(value)] }, knowledge)
      if (verdict.fate !== 'kept' && knowledge.known.live(section, key) === undefined)
        throw complainOf(choice, `the target does not take it: ${verdict.reason}${newName(verdict)}`)
      return { section, option: key, value, reason: because(choice), fate: 'set' }
    })

const newName = ({ to }: Verdict): string =>
  to.length === 0 ? '' : `; it is ${to.map(({ section, name }) => `[${section}] ${name}`).join(', ')} now`

/** Options that swapctl would add, without those the operator drops. */
export const withoutDropped = (extras: readonly Extra[], knowledge: Knowledge): readonly Extra[] =>
  extras.filter(({ section, option }) => choiceFor({ section, key: option }, knowledge)?.kind !== 'drop')

interface Place {
  readonly section: string
  readonly key: string
}

/** What a merge has encountered: options of the source's file, options that swapctl would add, changed defaults. */
export interface Met {
  readonly given: readonly Place[]
  readonly added: readonly Place[]
  readonly defaults: readonly Place[]
}

/** The decisions that matched something. One that sets a value always does. */
export const answered = (choices: readonly Choice[], { given, added, defaults }: Met): readonly Choice[] =>
  choices.filter((choice) => {
    const places = { set: [choice], keep: given, pin: defaults, drop: [...given, ...added, ...defaults] }[choice.kind]
    return places.some((place) => means(choice, place))
  })

/** A config file of a service, with its others. */
export interface Among {
  readonly path: string
  readonly source: ConfFile
  /** the service's first file, where options that no file sets are set */
  readonly main: boolean
  /** the service's other files on the source */
  readonly others: readonly ConfFile[]
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The decisions that apply to this file. */
export const choicesHere = (choices: readonly Choice[], { path, source, main, others }: Among): readonly Choice[] =>
  choices.filter(({ kind, file, section, key }) => {
    if (file !== undefined) return file === path || (!file.includes('/') && lastName(path) === file)
    if (kind !== 'set' || get(source, section, key) !== undefined) return true
    return main && others.every((other) => get(other, section, key) === undefined)
  })

/** Throws SwapError (exit 2) naming the service's first decision that matched nothing in any file. */
export const refuseUnanswered = (
  choices: readonly Choice[],
  used: readonly Choice[],
  files: readonly string[],
): void => {
  const left = choices.find((choice) => !used.includes(choice))
  if (left === undefined) return
  const why = {
    keep: 'the source does not set it',
    drop: 'the source does not set it, and swapctl would not add it',
    pin: 'no default of this option is known to have changed between the two releases',
    set: 'the service has no such file',
  }[left.kind]
  throw complainOf(left, `${left.kind} matches nothing: ${why} (${files.join(', ') || 'no file'})`)
}
