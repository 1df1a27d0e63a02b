import type { Blocker } from './blocker.ts'
import { blockers } from './blockers/index.ts'
import { floorOf, type Position } from './position.ts'
import { type Release, releaseNamed } from './release.ts'
import type { RepoName } from './repo.ts'
import type { Revision } from './revision.ts'

/** One sync: the code of `to` meets a database that stood at `position` and has since been brought to `from`. */
export interface Edge {
  readonly repo: RepoName
  readonly revision: Revision
  readonly position: Position
  /** the hop before; undefined: the database as it came */
  readonly from: Release | undefined
  readonly to: Release
  readonly blockers: Readonly<Record<string, number>>
}

/** Whether `release` can mend a blocker's rows. */
export const mendedBy = (blocker: Blocker, release: Release): boolean => {
  if (!blocker.mends) return false
  const [first, last] = blocker.mends.map((name) => releaseNamed(name).index)
  return first !== undefined && last !== undefined && release.index >= first && release.index <= last
}

/** Whether the sync from `at` to `to` runs the migration that refuses. */
export const crosses = (blocker: Blocker, at: Release | undefined, to: Release): boolean => {
  const stop = releaseNamed(blocker.stops.release).index
  return (at?.index ?? -1) < stop && stop <= to.index
}

const wanted = (edge: Edge, blocker: Blocker): boolean => (edge.blockers[blocker.id] ?? (blocker.always ? 1 : 0)) > 0

/** Mended on the release it comes from, or by the very code that refuses: sync, mend, sync again. */
const mended = (edge: Edge, blocker: Blocker): boolean => {
  const { exact, past } = edge.position
  const before = edge.from ? [edge.from] : past ? [...exact, past] : []
  return [...before, edge.to].some((release) => mendedBy(blocker, release))
}

const unmended = (edge: Edge, at: Release | undefined): readonly string[] =>
  blockers
    .filter((blocker) => blocker.repo === edge.repo && blocker.mends && crosses(blocker, at, edge.to))
    .filter((blocker) => wanted(edge, blocker) && !mended(edge, blocker))
    .map(
      (blocker) =>
        `${edge.repo} migration ${blocker.stops.migration} (${releaseNamed(blocker.stops.release).id}) refuses ${blocker.rows}: ${span(blocker)} must run ${blocker.command}`,
    )

/** 'mitaka', 'one of pike to stein': the releases whose code mends a blocker's rows */
export const span = (blocker: Blocker): string => {
  const [first, last] = (blocker.mends ?? []).map((name) => releaseNamed(name).id)
  return first === last ? `${first}` : `one of ${first} to ${last}`
}

/** Why this sync cannot be: too new a database, too old a one, rows that nobody has mended. [] when it can. Pure. */
export const refusals = (edge: Edge): readonly string[] => {
  const { repo, position, to } = edge
  // an empty database has no rows and no revision: any code makes it
  if (!position.past) return []
  if (to.index < position.past.index && !position.exact.includes(to)) {
    return [`the ${repo} database is newer than ${to.id}: it is at ${edge.revision.join(', ')} (${position.past.id})`]
  }
  const at = edge.from && edge.from.index > position.past.index ? edge.from : position.past
  const { oldest, because } = floorOf(repo, to)
  const low = oldest && at.index < oldest.index
  const floor = low
    ? [`${repo} of ${to.id} takes a database of ${oldest.id} or newer (this one is ${at.id}): ${because}`]
    : []
  return [...floor, ...unmended(edge, at)]
}
