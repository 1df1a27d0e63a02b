import type { Decision } from '../context.ts'
import type { Journal } from '../engine/journal.ts'
import type { Finding } from './schema-findings.ts'

export type Choice = Decision['choice']

const choices: readonly Choice[] = ['match', 'drop', 'keep']

/** 'schema/match/glance' as typed after --accept; undefined for other ids. */
export const decisionOf = (id: string, reason: string): Decision | undefined => {
  const [, word, path] = /^schema\/(\w+)\/(.+)$/s.exec(id) ?? []
  const choice = choices.find((one) => one === word)
  return choice === undefined || path === undefined ? undefined : { choice, path, reason }
}

/** The operator's decisions in this swap, oldest first. */
export const decisionsOf = ({ entries }: Pick<Journal, 'entries'>): readonly Decision[] =>
  entries.flatMap((entry) => {
    const decision = entry.event === 'accepted' ? decisionOf(entry.check, entry.reason) : undefined
    return decision === undefined ? [] : [decision]
  })

/** Kinds without a real name, identified by their table. A renamed one goes by its current name. */
const nameless: ReadonlySet<Finding['kind']> = new Set(['table', 'engine', 'table collation', 'check'])

/** 'nova.v_servers', 'glance.images.status': the path of a difference in a decision. */
export const pathOf = (database: string, { kind, table, name, have, should }: Finding): string => {
  const named = /^(index|foreign key) name$/.test(kind) ? have || should : name
  const unnamed = nameless.has(kind) || named === '' || named.startsWith('unnamed ')
  return unnamed ? `${database}.${table}` : `${database}.${table}.${named}`
}

/** Kinds that exist or do not, as opposed to properties. */
const things: ReadonlySet<Finding['kind']> = new Set(['table', 'column', 'index', 'foreign key', 'check', 'trigger'])

/** Possible decisions on a difference; none when the release's code needs what is missing. */
export const possible = ({ kind, have, should }: Finding): readonly Choice[] => {
  if (!things.has(kind)) return ['match', 'keep']
  if (have !== '' && should === '') return kind === 'check' ? ['keep'] : ['drop', 'keep']
  if (kind === 'table') return have === 'system versioned' ? ['match', 'keep'] : []
  if (kind === 'column' || kind === 'trigger') return []
  return kind === 'check' ? ['keep'] : ['match', 'keep']
}

/** The operator's latest decision on a difference, if it can be applied; undefined: none. */
export const decided = (
  decisions: readonly Decision[] | undefined,
  database: string,
  finding: Finding,
): Decision | undefined => {
  const path = pathOf(database, finding)
  return decisions?.findLast(
    (one) => (path === one.path || path.startsWith(`${one.path}.`)) && possible(finding).includes(one.choice),
  )
}
