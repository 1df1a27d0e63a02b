import { shell } from '../hosts/host.ts'
import { type Choice, pathOf, possible } from './schema-decisions.ts'
import type { Finding } from './schema-findings.ts'

/** Differences of one database that have the same remedies. */
export interface Advice {
  readonly database: string
  readonly findings: readonly Finding[]
  /** the subject: 'charsets and collations' */
  readonly what: string
  readonly remedy: string
}

const collating: ReadonlySet<Finding['kind']> = new Set(['charset', 'collation', 'table collation'])

type Group = 'charset' | 'extra' | 'other' | 'kept' | 'missing'

const groupOf = (finding: Finding): Group => {
  const choices = possible(finding)
  if (choices.length === 0) return 'missing'
  if (choices.includes('drop')) return 'extra'
  if (!choices.includes('match')) return 'kept'
  return collating.has(finding.kind) ? 'charset' : 'other'
}

const groups: Readonly<
  Record<Group, { readonly what: string; readonly remedy: (paths: readonly string[]) => string }>
> = {
  charset: {
    what: 'other charsets or collations',
    remedy: (paths) =>
      `To convert these columns on the copy, with their types kept: ${typed('match', paths)}; to keep them unchanged, type schema/keep/ instead of schema/match/`,
  },
  extra: {
    what: 'objects that only this cloud has',
    remedy: (paths) =>
      `To drop them from the copy (the old controller keeps them): ${typed('drop', paths)}; to keep them, type schema/keep/ instead of schema/drop/`,
  },
  other: {
    what: 'columns, indexes or keys that differ',
    remedy: (paths) =>
      `To change them on the copy to those of the release: ${typed('match', paths)}; to keep them unchanged, type schema/keep/ instead of schema/match/`,
  },
  kept: { what: 'CHECK constraints', remedy: (paths) => `To keep them: ${typed('keep', paths)}` },
  missing: {
    what: 'missing objects that the release needs',
    remedy: () =>
      'A migration of an earlier release did not do its work: create them on the old controller as that release does, then run swapctl prepare again',
  },
}

/** How many paths are spelled out for typing. */
const most = 10

const typed = (choice: Choice, paths: readonly string[]): string => {
  const words = paths.slice(0, most).map((path) => `--accept ${shell([`schema/${choice}/${path}`])}`)
  const more = paths.length > most ? ` and so on for ${paths.length - most} more` : ''
  return `swapctl check ${words.join(' ')} --reason TEXT${more}`
}

/** Charsets are decided per database; others one by one, or per table if it has several. */
const pathsOf = (group: Group, database: string, findings: readonly Finding[]): readonly string[] => {
  const paths = [...new Set(findings.map((finding) => pathOf(database, finding)))]
  const tables = [...new Set(findings.map(({ table }) => `${database}.${table}`))]
  if (group === 'charset') return tables.length > 1 ? [database] : tables
  return tables.flatMap((table) => {
    const own = paths.filter((path) => path === table || path.startsWith(`${table}.`))
    return own.length > 1 && group !== 'extra' ? [table] : own
  })
}

/** Groups differences by remedy, with the commands to type. */
export const adviceOn = (database: string, findings: readonly Finding[]): readonly Advice[] =>
  (['missing', 'extra', 'charset', 'other', 'kept'] as const).flatMap((group) => {
    const own = findings.filter((finding) => groupOf(finding) === group)
    const { what, remedy } = groups[group]
    return own.length === 0 ? [] : [{ database, findings: own, what, remedy: remedy(pathsOf(group, database, own)) }]
  })
