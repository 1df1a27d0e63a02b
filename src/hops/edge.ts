import type { Blocker, Mend } from '../releases/blocker.ts'
import { type Release, releaseNamed } from '../releases/release.ts'
import type { RepoName } from '../releases/repo.ts'
import { blockers } from '../services/index.ts'
import { floorOf, type Position } from './position.ts'
import type { Revision } from './revision.ts'

/** One sync: the code of `to` runs on a database that started at `position` and is now at `from`. */
export interface Edge {
  readonly repo: RepoName
  readonly revision: Revision
  readonly position: Position
  /** the previous hop; undefined: the database as imported */
  readonly from: Release | undefined
  readonly to: Release
  readonly blockers: Readonly<Record<string, number>>
}

/** An edge of a database that has tables. */
interface Filled extends Edge {
  readonly position: Position & { readonly past: Release }
}

const isFilled = (edge: Edge): edge is Filled => edge.position.past !== undefined

/** How the code of `release` can fix a blocker's rows; undefined: it cannot. */
export const mendAt = ({ mends }: Blocker, release: Release): Mend | undefined =>
  mends?.find(({ by: [first, last] }) => {
    const [low, high] = [releaseNamed(first).index, releaseNamed(last).index]
    return release.index >= low && release.index <= high
  })

/** Whether a hop of `release` leaves the rows fixed; a fix that only helps against its own refusal does not count. */
export const leavesMended = (blocker: Blocker, release: Release): boolean => {
  const when = mendAt(blocker, release)?.when
  return when === 'on-the-way' || when === 'hop-end'
}

/** Whether the refusing code itself can fix the rows; a call at the end of its hop comes too late. */
export const mendsItself = (blocker: Blocker, release: Release): boolean => {
  const when = mendAt(blocker, release)?.when
  return when !== undefined && when !== 'hop-end'
}

/** Whether the sync from `at` to `to` runs the refusing migration. */
export const crosses = (blocker: Blocker, at: Release | undefined, to: Release): boolean => {
  const stop = releaseNamed(blocker.stops.release).index
  return (at?.index ?? -1) < stop && stop <= to.index
}

type Curable = Blocker & Required<Pick<Blocker, 'mends'>>

const wanted = (edge: Edge, blocker: Blocker): boolean => (edge.blockers[blocker.id] ?? (blocker.always ? 1 : 0)) > 0

/** Fixed on the release it comes from, or by the refusing code itself: sync, fix, sync again. */
const fixed = (edge: Filled, blocker: Blocker): boolean => fixedBefore(edge, blocker) || mendsItself(blocker, edge.to)

/** On the source an operator can run every call of its own release before the freeze. */
const fixedBefore = ({ from, position: { exact, past } }: Filled, blocker: Blocker): boolean =>
  from === undefined
    ? [...exact, past].some((release) => mendAt(blocker, release) !== undefined)
    : leavesMended(blocker, from)

/** Blockers with a fix whose migration this sync runs, and whose rows exist or may appear. */
const met = (edge: Filled): readonly Curable[] =>
  blockers
    .filter((blocker): blocker is Curable => blocker.mends !== undefined)
    .filter((blocker) => blocker.repo === edge.repo && crosses(blocker, standing(edge), edge.to))
    .filter((blocker) => wanted(edge, blocker))

const unmended = (edge: Filled): readonly string[] =>
  met(edge)
    .filter((blocker) => !fixed(edge, blocker))
    .map(
      (blocker) =>
        `${edge.repo} migration ${blocker.stops.migration} (${releaseNamed(blocker.stops.release).id}) refuses ${blocker.rows}: ${span(blocker.mends)} must run ${commandOf(blocker)}`,
    )

/**
 * How often this sync is refused first and then fixed by its own code; a chain where an earlier hop fixes the rows is
 * better.
 */
export const refusedFirst = (edge: Edge): number =>
  isFilled(edge) ? met(edge).filter((blocker) => !fixedBefore(edge, blocker)).length : 0

/** How many kinds of existing rows an operator would have to fix on the old controller before this sync. */
export const byHand = (edge: Edge): number =>
  edge.from === undefined && isFilled(edge)
    ? met(edge).filter((blocker) => (edge.blockers[blocker.id] ?? 0) > 0 && !mendsItself(blocker, edge.to)).length
    : 0

/** What fixes the rows, for a message. */
export const commandOf = ({ mends, hand }: Blocker): string => mends?.[0]?.argv.join(' ') ?? hand ?? ''

/** The release the database has when this sync begins. */
const standing = ({ from, position: { past } }: Filled): Release =>
  from !== undefined && from.index > past.index ? from : past

/** 'mitaka', 'one of pike to stein': the releases whose code fixes a blocker's rows */
export const span = (mends: readonly Mend[]): string => {
  const ids = mends.flatMap(({ by }) => by).map((name) => releaseNamed(name).id)
  const [first, last] = [ids[0], ids.at(-1)]
  return first === last ? `${first}` : `one of ${first} to ${last}`
}

/** Why this sync is impossible: the database is too new, too old, or has unfixed rows. [] when it is possible. */
export const refusals = (edge: Edge): readonly string[] => {
  // an empty database has no rows and no revision, so any code can create it
  if (!isFilled(edge)) return []
  const { repo, position, to } = edge
  // not the revision of any release: newer code synced it beyond `past`, whose code does not know its state
  if (to.index <= position.past.index && !position.exact.includes(to)) {
    const release = `${position.exact.length === 0 ? 'past ' : ''}${position.past.id}`
    return [`the ${repo} database is newer than ${to.id}: it is at ${edge.revision.join(', ')} (${release})`]
  }
  const at = standing(edge)
  const floor = floorOf(repo, to)
  const low = floor && at.index < floor.oldest.index
  const tooOld = low
    ? [`${repo} of ${to.id} takes a database of ${floor.oldest.id} or newer (this one is ${at.id}): ${floor.because}`]
    : []
  return [...tooOld, ...unmended(edge)]
}
