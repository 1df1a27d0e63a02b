import { join } from 'node:path'
import { membersIn } from '../ask/members.ts'
import type { Context } from '../context.ts'
import { readJournal } from '../engine/journal-file.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { SideMachine } from '../hosts/host.ts'
import { idsOn, membersOf, ownName, said } from '../hosts/sides.ts'
import { some } from '../text/some.ts'
import { type Fingerprint, fingerprintId, savedFingerprint } from './fingerprint.ts'

/** The check by which the operator accepts that the members differ. */
const accepting = 'database/members-differ'

const isIn = (table: string, databases: readonly string[]): boolean =>
  databases.includes(table.slice(0, table.indexOf('.')))

/** The tables of these databases that two machines of one cluster have differently, or that only one of them has. */
export const differingTables = (
  one: Pick<Fingerprint, 'tables'>,
  other: Pick<Fingerprint, 'tables'>,
  databases: readonly string[],
): readonly string[] =>
  [...new Set([...Object.keys(one.tables), ...Object.keys(other.tables)])]
    .filter((table) => isIn(table, databases))
    .filter((table) => one.tables[table] !== other.tables[table])

/**
 * Compares the frozen members of a Galera cluster: one that was written with wsrep_on=OFF, or that missed a write, looks
 * Synced, and only one of them is copied. CHECKSUM TABLE of the same rows is the same on every member.
 */
export const sameRowsSteps = (context: Context): readonly Step[] => {
  const clustered = new Set(
    membersIn(context.survey, context.config).flatMap(({ name, galera }) => (galera === undefined ? [] : [name])),
  )
  const [first, ...others] = membersOf(context.config, 'source').filter((name) => clustered.has(name))
  if (first === undefined || others.length === 0) return []
  return [
    {
      id: 'freeze/same-rows',
      phase: 'migrate',
      title: `Compare the rows of every table on ${[first, ...others].map(ownName).join(', ')}`,
      after: idsOn(fingerprintId, context.config, 'source'),
      changes: [],
      run: nothing,
      undo: nothing,
      proof: () => proveSame(context, first, others),
    },
  ]
}

const proveSame = async (context: Context, first: SideMachine, others: readonly SideMachine[]): Promise<string> => {
  const databases = context.survey.services.flatMap((service) => service.databases.map(({ name }) => name))
  const tablesOn = async (name: SideMachine) => {
    const saved = await savedFingerprint(context, name)
    if (saved !== undefined) return saved
    throw new SwapError(
      name,
      'its fingerprint is missing, so its rows cannot be compared',
      'Run: swapctl revert, then migrate',
    )
  }
  const own = await tablesOn(first)
  const compared = Object.keys(own.tables).filter((table) => isIn(table, databases))
  if (compared.length === 0)
    throw new SwapError(
      first,
      `its fingerprint has no table of ${databases.join(', ')}`,
      'Find out why its MariaDB shows none, then: swapctl revert, and swapctl migrate',
    )
  const found = await Promise.all(
    others.map(async (name) => {
      const differ = differingTables(own, await tablesOn(name), databases)
      return differ.length === 0 ? [] : [`on ${said(name)}: ${some(differ)}`]
    }),
  )
  const differ = found.flat()
  if (differ.length === 0)
    return `${compared.length} tables of ${databases.join(', ')} are the same on ${others.length + 1} machines`
  const says = `the members of one Galera cluster have different rows than ${said(first)}, from which they are copied: ${differ.join('; ')}`
  if (await isAccepted(context)) return `accepted: ${says}`
  throw new SwapError(
    'source',
    says,
    `Go back: swapctl revert. Then let the wrong member take all rows from another (stop its MariaDB, remove grastate.dat from its data directory, start it), or, if ${said(first)} is right, accept it: swapctl check --accept ${accepting} --reason TEXT; then: swapctl migrate`,
  )
}

const isAccepted = async ({ config }: Context): Promise<boolean> => {
  const { entries } = await readJournal(join(config.state, 'journal.jsonl'), config.name)
  return entries.some((entry) => entry.event === 'accepted' && entry.check === accepting)
}
