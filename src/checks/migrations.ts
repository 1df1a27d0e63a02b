import type { Check, Message } from '../ask/check.ts'
import { besideOf } from '../ask/databases.ts'
import { askBlockers } from '../hops/blockers.ts'
import { commandOf } from '../hops/edge.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Blocker, Mend } from '../releases/blocker.ts'
import { findRelease } from '../releases/release.ts'
import { blockers } from '../services/index.ts'

/** Asks every database of the blocker's repository whose path through the hops runs the migration. */
const askFor =
  (blocker: Blocker): Check['ask'] =>
  async ({ survey, hosts }) => {
    const found = survey.services.flatMap(({ databases }) =>
      databases.filter(({ repo, hops }) => repo === blocker.repo && hops.length > 0).map((one) => ({ one, databases })),
    )
    if (found.length === 0) return []
    return withDatabase(hosts('source'), { readOnly: true }, async (db) => {
      const said: Message[] = []
      for (const { one, databases } of found) {
        const where = { repo: one.repo, revision: one.revision, database: one.name, beside: besideOf(databases) }
        const chain = one.hops.map((hop) => findRelease(hop))
        said.push(...(await askBlockers(db, where, chain, [blocker])))
      }
      return said
    })
  }

const whyOf = ({ level, stops: { release, migration } }: Blocker): string => {
  if (migration.startsWith('none'))
    return `From ${release} on nothing fixes these rows, and their data is lost or wrong.`
  return level === 'block'
    ? `Migration ${migration} of ${release} fails on these rows, and so does the hop.`
    : `Migration ${migration} of ${release} passes, but the data of these rows is lost or wrong afterwards.`
}

const remedyOf = (blocker: Blocker): string => {
  if (blocker.sql !== undefined) return 'Nothing: swapctl fixes the copy; the old controller is not touched.'
  if (blocker.mends === undefined) return `By hand: ${commandOf(blocker)}.`
  return blocker.mends
    .map(
      ({ by: [from, to], argv, when }) =>
        `With the code of ${from === to ? from : `${from} to ${to}`}${moment[when]}: ${argv.join(' ')}.`,
    )
    .join(' ')
}

const moment: Readonly<Record<Mend['when'], string>> = {
  'on-the-way': ', in every hop of that release',
  before: ', before its sync',
  'after-refusal': ', when its sync has refused, followed by another sync',
  'hop-end': ', at the end of a hop of that release',
}

/** Every migration known to refuse or lose rows, checked on the source before the window. */
export const migrationChecks: readonly Check[] = blockers.map((blocker) => ({
  id: blocker.id,
  level: blocker.level,
  title: `No migration of ${blocker.repo} meets ${blocker.rows}`,
  source: blocker.source,
  why: whyOf(blocker),
  remedy: remedyOf(blocker),
  ask: askFor(blocker),
}))
