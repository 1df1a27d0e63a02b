import type { Finding } from '../engine/step.ts'
import type { Blocker, Mend } from '../releases/blocker.ts'
import type { Release } from '../releases/release.ts'
import type { RepoName } from '../releases/repo.ts'
import { blockers } from '../services/index.ts'
import { type Asker, fill } from '../text/sql.ts'
import { type Count, count } from './count.ts'
import { commandOf, crosses, leavesMended, mendAt, mendsItself, span } from './edge.ts'
import { positionOf } from './position.ts'
import type { Revision } from './revision.ts'

/** A blocker on a database's path. */
export interface Met {
  readonly blocker: Blocker
  /** the hop whose sync runs the migration */
  readonly at: Release
  /**
   * Whose code fixes the rows: 'hop' an earlier hop's, 'same' the refusing code itself, 'source' the old controller's
   * own release (before the freeze). Absent: `blocker.sql` on the copy, or manual work.
   */
  readonly mender?: { readonly by: 'source' | 'hop' | 'same'; readonly release: Release; readonly mend: Mend }
}

const menderOf = (
  blocker: Blocker,
  source: readonly Release[],
  earlier: readonly Release[],
  at: Release,
): Met['mender'] => {
  const by = (who: 'source' | 'hop' | 'same', release: Release | undefined): Met['mender'] => {
    const mend = release && mendAt(blocker, release)
    return release && mend && { by: who, release, mend }
  }
  return (
    by(
      'hop',
      earlier.findLast((hop) => leavesMended(blocker, hop)),
    ) ??
    by('same', mendsItself(blocker, at) ? at : undefined) ??
    by(
      'source',
      source.find((release) => mendAt(blocker, release) !== undefined),
    )
  )
}

const met = (blocker: Blocker, repo: RepoName, revision: Revision, hops: readonly Release[]): readonly Met[] => {
  const { exact, past } = positionOf(repo, revision)
  const at = hops.find((hop) => crosses(blocker, past, hop))
  if (!past || !at || blocker.repo !== repo || (blocker.at ?? revision[0]) !== revision[0]) return []
  const source = exact.length > 0 ? exact : [past]
  const mender = menderOf(blocker, source, hops.slice(0, hops.indexOf(at)), at)
  return [{ blocker, at, ...(mender ? { mender } : {}) }]
}

/** The blockers on a database's path through these hops (target last), in data order. */
const blockersFor = (
  repo: RepoName,
  revision: Revision,
  hops: readonly Release[],
  of: readonly Blocker[] = blockers,
): readonly Met[] => of.flatMap((blocker) => met(blocker, repo, revision, hops))

/** A database and its revision (askRevision). */
export interface Where {
  readonly repo: RepoName
  readonly revision: Revision
  readonly database: string
  /** databases of the same service that a question may need, by repository: { nova_api: 'nova_api' } */
  readonly beside?: Readonly<Record<string, string>>
}

const placesOf = (where: Pick<Where, 'database' | 'beside'>) => ({ ...where.beside, '': where.database })

/**
 * Offenders by blocker id on the path to `target`, for planHops. A blocker whose columns this schema does not have yet
 * is left out, because it cannot be counted.
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
  if (blocker.sql) return `Nothing to do: SQL fixes the copy before ${at.id}; the old controller is not touched`
  const run = `run \`${mender?.mend.argv.join(' ') ?? commandOf(blocker)}\``
  if (!mender && blocker.mends) return `Add a hop of ${span(blocker.mends)} before ${at.id}: its code must ${run}`
  if (!mender) return `By hand: ${commandOf(blocker)}`
  if (mender.by === 'hop') return `Nothing to do: on the copy the hop of ${mender.release.id} will ${run}`
  if (mender.by === 'same')
    return mender.mend.when === 'before'
      ? `Nothing to do: on the copy the code of ${at.id} will ${run} before its sync`
      : `Nothing to do: when the sync of ${at.id} refuses the copy, its code will ${run}, then sync again`
  return `On the old controller, before the freeze, ${run}; or configure an environment of ${mender.release.id}: [hop ${mender.release.id}]`
}

const levelOf = ({ blocker, mender }: Met): Finding['level'] =>
  blocker.sql || mender?.by === 'same' || mender?.by === 'hop' ? 'warn' : blocker.level

const finding = (seen: Met, database: string, { rows, examples }: Count): Finding => ({
  id: seen.blocker.id,
  level: levelOf(seen),
  says:
    `${database}: ${rows} ${seen.blocker.rows} (${examples.join(', ')}${rows > examples.length ? ', ...' : ''});` +
    ` migration ${seen.blocker.stops.migration} of ${seen.blocker.stops.release}, run by ${seen.at.id}, fails on them`,
  remedy: remedy(seen),
})

/**
 * The blockers on the path through these hops (target last), including those that an earlier hop fixes: the operator
 * reads before the freeze what will run where.
 */
export const askBlockers = async (
  db: Asker,
  where: Where,
  hops: readonly Release[],
  of: readonly Blocker[] = blockers,
): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for (const seen of blockersFor(where.repo, where.revision, hops, of)) {
    const answer = await count(db, seen.blocker.asks, placesOf(where))
    if (answer && answer.rows > 0) found.push(finding(seen, where.database, answer))
  }
  return found
}

/**
 * Statements to run on the imported copy right before the sync of `hop`: they fix rows that its migrations refuse and
 * no OpenStack command fixes. Without such rows they change nothing.
 */
export const repairsFor = ({ repo, revision, database }: Where, hop: Release): readonly string[] =>
  blockersFor(repo, revision, [hop])
    .flatMap(({ blocker }) => blocker.sql ?? [])
    .map((sql) => fill(sql, { '': database }))

/** Calls by the refusing code of `hop`: some before its sync, some after it has refused. */
export interface Cures {
  readonly before: readonly Mend[]
  readonly afterRefusal: readonly Mend[]
}

/** What the code of `hop` itself must do about rows that exist, or may exist but cannot be counted yet. */
export const curesFor = async (db: Asker, where: Where, hop: Release): Promise<Cures> => {
  const mends: Mend[] = []
  for (const { blocker, mender } of blockersFor(where.repo, where.revision, [hop])) {
    if (mender?.by !== 'same') continue
    const answer = await count(db, blocker.asks, placesOf(where))
    if (answer === undefined ? blocker.always : answer.rows > 0) mends.push(mender.mend)
  }
  return {
    before: mends.filter(({ when }) => when === 'before'),
    afterRefusal: mends.filter(({ when }) => when !== 'before'),
  }
}

/** What must be called at the end of a hop so that later hops (target last) do not refuse, whatever the rows are. */
export const hopEndsOf = (repos: readonly RepoName[], hop: Release, later: readonly Release[]): readonly Ending[] =>
  blockers.flatMap((blocker) => {
    const mend = repos.includes(blocker.repo) ? mendAt(blocker, hop) : undefined
    const ahead = later.some((release) => crosses(blocker, hop, release))
    return mend?.when === 'hop-end' && ahead ? [{ blocker, mend }] : []
  })

export interface Ending {
  readonly blocker: Blocker
  readonly mend: Mend
}

/** How many rows of a database a blocker affects; undefined: they cannot be counted. */
export const countOf = async (
  db: Asker,
  where: Omit<Where, 'revision'>,
  blocker: Blocker,
): Promise<Count | undefined> => count(db, blocker.asks, placesOf(where))
