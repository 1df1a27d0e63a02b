import { refuse } from '../errors.ts'
import { type Release, releaseNamed, releases } from '../releases/release.ts'
import type { End, Range, RepoName } from '../releases/repo.ts'
import { repoNamed } from '../services/index.ts'
import type { Revision } from './revision.ts'

/** Where a database is on its line of revisions. */
export interface Position {
  /** releases whose sync ends exactly here, oldest first; empty when a sync stopped half-way */
  readonly exact: readonly Release[]
  /** the newest release it has reached; undefined for an empty database */
  readonly past: Release | undefined
}

/**
 * '109' -> ['', 109], 'expand 79' -> ['expand', 79]; a hash -> undefined (keystone's '47147121' is one: numbers are
 * short)
 */
const numbered = (word: string): readonly [string, number] | undefined => {
  const match = /^(?:(\w+) )?(\d{1,4})$/.exec(word)
  return match ? [match[1] ?? '', Number(match[2])] : undefined
}

const numbersOf = (revision: Revision): ReadonlyMap<string, number> =>
  new Map(revision.flatMap((word) => [numbered(word)].filter((pair) => pair !== undefined)))

const partsOf = (repo: RepoName): readonly string[] =>
  Object.values(repoNamed(repo).migrate).filter((word) => word !== '')

const within = (value: number | undefined, [low, high]: Range): boolean =>
  value !== undefined && value >= low && value <= high

/** Additional repositories move together: one that lags behind means a sync stopped half-way. */
const partsEnd = (repo: RepoName, numbers: ReadonlyMap<string, number>, range: Range | undefined): boolean => {
  const values = partsOf(repo).map((word) => numbers.get(word))
  if (range === undefined) return values.every((value) => value === undefined)
  return values.every((value) => within(value, range) && value === values[0])
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word) => b.includes(word))

const ends = (repo: RepoName, end: End, revision: Revision): boolean => {
  if (end.heads) return end.heads.some((set) => sameSet(set, revision))
  const numbers = numbersOf(revision)
  return (end.number === undefined || within(numbers.get(''), end.number)) && partsEnd(repo, numbers, end.parts)
}

const endOf = (repo: RepoName, release: Release): End | undefined => repoNamed(repo).ends[release.name]

/** The releases whose own sync ends at this revision, oldest first; [] when none does. */
export const releasesOf = (repo: RepoName, revision: Revision): readonly Release[] => {
  const told = releases.filter((release) => revision[0] === `unversioned ${release.name}`)
  if (told.length > 0) return told
  return releases.filter((release) => {
    const end = endOf(repo, release)
    return end !== undefined && ends(repo, end, revision)
  })
}

/** Numbers are ordered, so a database left by a refused sync (nova 344) still has a position. */
const reached = (repo: RepoName, revision: Revision): Release | undefined => {
  const numbers = numbersOf(revision)
  const parts = partsOf(repo).map((word) => numbers.get(word) ?? 0)
  return releases.findLast((release) => {
    const end = endOf(repo, release)
    const whole = !end?.number || (numbers.get('') ?? 0) >= end.number[0]
    const all = !end?.parts || Math.min(...parts) >= end.parts[0]
    return end !== undefined && !end.heads && whole && all
  })
}

/**
 * The position of a database. An empty one is before every release (if its kind may be empty). Refuses a revision that
 * swapctl does not know and cannot order: a hash from the middle of a release, or of a release newer than this swapctl.
 */
export const positionOf = (repo: RepoName, revision: Revision): Position => {
  if (revision.length === 0 && repoNamed(repo).mayBeEmpty) return { exact: [], past: undefined }
  const exact = releasesOf(repo, revision)
  const past = exact.at(-1) ?? reached(repo, revision)
  if (past) return { exact, past }
  const seen = revision.length === 0 ? 'has no tables' : `is at revision ${revision.join(', ')}`
  throw refuse(
    repo,
    `the ${repo} database ${seen}, the final revision of no release that swapctl knows`,
    'A schema sync may have stopped half way: finish it with the release that began it, or restore the database from its dump',
  )
}

/** The oldest release whose database this release's sync accepts, and why; undefined: any. */
export const floorOf = (
  repo: RepoName,
  code: Release,
): { readonly oldest: Release; readonly because: string } | undefined => {
  const floor = repoNamed(repo).floors.findLast((entry) => releaseNamed(entry.code).index <= code.index)
  if (floor === undefined || floor.oldest === 'any') return undefined
  return { oldest: releaseNamed(floor.oldest), because: floor.because }
}
