import type { Decision } from '../context.ts'
import type { Journal } from '../engine/journal.ts'
import type { Finding } from './schema-findings.ts'

export type Choice = Decision['choice']

const choices: readonly Choice[] = ['match', 'drop', 'keep']

/** 'schema/match/glance' as it is typed after --accept; undefined: it is none of these. */
export const decisionOf = (id: string, reason: string): Decision | undefined => {
  const [, word, path] = /^schema\/(\w+)\/(.+)$/s.exec(id) ?? []
  const choice = choices.find((one) => one === word)
  return choice === undefined || path === undefined ? undefined : { choice, path, reason }
}

/** What the operator has decided in this swap, oldest first. */
export const decisionsOf = ({ entries }: Pick<Journal, 'entries'>): readonly Decision[] =>
  entries.flatMap((entry) => {
    const decision = entry.event === 'accepted' ? decisionOf(entry.check, entry.reason) : undefined
    return decision === undefined ? [] : [decision]
  })

/** Kinds whose name is a text of what they are: their table stands for them. One under another name goes by the one it has. */
const nameless: ReadonlySet<Finding['kind']> = new Set(['table', 'engine', 'table collation', 'check'])

/** 'nova.v_servers', 'glance.images.status': what a decision about a difference names. */
export const pathOf = (database: string, { kind, table, name, have, should }: Finding): string => {
  const named = /^(index|foreign key) name$/.test(kind) ? have || should : name
  const unnamed = nameless.has(kind) || named === '' || named.startsWith('unnamed ')
  return unnamed ? `${database}.${table}` : `${database}.${table}.${named}`
}

/** What there is or is not, as against how something is. */
const things: ReadonlySet<Finding['kind']> = new Set(['table', 'column', 'index', 'foreign key', 'check', 'trigger'])

/** What can be decided about a difference; nothing where the release's code would miss what it needs. */
export const possible = ({ kind, have, should }: Finding): readonly Choice[] => {
  if (!things.has(kind)) return ['match', 'keep']
  if (have !== '' && should === '') return kind === 'check' ? ['keep'] : ['drop', 'keep']
  if (kind === 'table') return have === 'system versioned' ? ['match', 'keep'] : []
  if (kind === 'column' || kind === 'trigger') return []
  return kind === 'check' ? ['keep'] : ['match', 'keep']
}

/** The operator's last word on a difference, as far as it can be followed; undefined: there is none. */
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
