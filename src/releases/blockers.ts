import type { Finding } from '../engine/step.ts'
import type { Blocker } from './blocker.ts'
import { blockers } from './blockers/index.ts'
import { type Count, count } from './count.ts'
import { crosses, mendedBy, span } from './edge.ts'
import { positionOf } from './position.ts'
import type { Release } from './release.ts'
import type { RepoName } from './repo.ts'
import type { Revision } from './revision.ts'
import { type Asker, fill } from './sql.ts'

/** A blocker that lies on the way of a database. */
export interface Met {
  readonly blocker: Blocker
  /** the hop whose sync runs the migration */
  readonly at: Release
  /**
   * Whose code mends the rows: 'source' the old controller's own release (before the freeze), 'hop' an earlier hop's online data
   * migrations, 'same' the refusing code itself (sync, mend, sync again). Absent: `blocker.sql` on the copy, or a hand.
   */
  readonly mender?: { readonly by: 'source' | 'hop' | 'same'; readonly release: Release }
}

const menderOf = (
  blocker: Blocker,
  source: readonly Release[],
  earlier: readonly Release[],
  at: Release,
): Met['mender'] => {
  const mends = (release: Release) => mendedBy(blocker, release)
  const hop = earlier.findLast(mends)
  if (hop) return { by: 'hop', release: hop }
  const own = source.find(mends)
  if (own) return { by: 'source', release: own }
  return mends(at) ? { by: 'same', release: at } : undefined
}

const met = (blocker: Blocker, repo: RepoName, revision: Revision, hops: readonly Release[]): readonly Met[] => {
  const { exact, past } = positionOf(repo, revision)
  const at = hops.find((hop) => crosses(blocker, past, hop))
  if (!past || !at || blocker.repo !== repo || (blocker.at ?? revision[0]) !== revision[0]) return []
  const source = exact.length > 0 ? exact : [past]
  const mender = menderOf(blocker, source, hops.slice(0, hops.indexOf(at)), at)
  return [{ blocker, at, ...(mender ? { mender } : {}) }]
}

/** The blockers on the way of a database through these hops (the target last), in the order of the data. Pure. */
const blockersFor = (
  repo: RepoName,
  revision: Revision,
  hops: readonly Release[],
  of: readonly Blocker[] = blockers,
): readonly Met[] => of.flatMap((blocker) => met(blocker, repo, revision, hops))

/** A database and where it stands (askRevision). */
export interface Where {
  readonly repo: RepoName
  readonly revision: Revision
  readonly database: string
  /** databases of the same service that a question may need, by repo: { nova_api: 'nova_api' } */
  readonly beside?: Readonly<Record<string, string>>
}

const placesOf = (where: Where) => ({ ...where.beside, '': where.database })

/**
 * Offenders by blocker id on the way to `target`, for planHops. A blocker whose columns this schema does not have yet is left out:
 * nobody can tell.
 */
export const countBlockers = async (
  db: Asker,
  where: Where,
  target: Release,
): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {}
  for (const { blocker } of blockersFor(where.repo, where.revision, [target])) {
    const answer = await count(db, blocker.asks, placesOf(where))
    if (answer) counts[blocker.id] = answer.rows
  }
  return counts
}

const remedy = ({ blocker, at, mender }: Met): string => {
  if (blocker.sql) return `Nothing to do: before ${at.id} the copy is mended by SQL; the old controller is not touched`
  const run = `run \`${blocker.command}\``
  if (!mender && blocker.mends) return `Take a hop of ${span(blocker)} before ${at.id}: its code must ${run}`
  if (!mender) return `By hand: ${blocker.command}`
  if (mender.by === 'same') return `Let the sync of ${at.id} refuse, ${run} with its code, then sync again`
  return `With the code of ${mender.release.id}, ${run}: on the old controller before the freeze, or on the copy before ${at.id}`
}

const levelOf = ({ blocker, mender }: Met): Finding['level'] =>
  blocker.sql || mender?.by === 'same' ? 'warn' : blocker.level

const finding = (seen: Met, database: string, { rows, examples }: Count): Finding => ({
  id: seen.blocker.id,
  level: levelOf(seen),
  says:
    `${database}: ${rows} ${seen.blocker.rows} (${examples.join(', ')}${rows > examples.length ? ', ...' : ''});` +
    ` migration ${seen.blocker.stops.migration} of ${seen.blocker.stops.release}, run by ${seen.at.id}, stops at them`,
  remedy: remedy(seen),
})

/**
 * What stands in the way of these hops (the target last). Silent about rows that an earlier hop's online data migrations mend: ask
 * again before each hop, with the hops that are left.
 */
export const askBlockers = async (
  db: Asker,
  where: Where,
  hops: readonly Release[],
  of: readonly Blocker[] = blockers,
): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for (const seen of blockersFor(where.repo, where.revision, hops, of).filter(({ mender }) => mender?.by !== 'hop')) {
    const answer = await count(db, seen.blocker.asks, placesOf(where))
    if (answer && answer.rows > 0) found.push(finding(seen, where.database, answer))
  }
  return found
}

/**
 * Statements to run on the imported copy right before the sync of `hop`: they mend rows that its migrations refuse and no command of
 * OpenStack mends. They change nothing where there are none.
 */
export const repairsFor = ({ repo, revision, database }: Where, hop: Release): readonly string[] =>
  blockersFor(repo, revision, [hop])
    .flatMap(({ blocker }) => blocker.sql ?? [])
    .map((sql) => fill(sql, { '': database }))
