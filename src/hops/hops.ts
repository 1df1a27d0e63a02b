import { refuse, type SwapError } from '../errors.ts'
import { type Release, releases } from '../releases/release.ts'
import type { RepoName } from '../releases/repo.ts'
import { byHand, type Edge, refusals, refusedFirst } from './edge.ts'
import { type Position, positionOf } from './position.ts'
import type { Revision } from './revision.ts'

export interface Database {
  readonly repo: RepoName
  readonly revision: Revision
}

export interface Request {
  readonly target: Release
  /**
   * releases the operator has environments for; absent: any, to find out which are needed. The target need not be
   * included
   */
  readonly available?: readonly Release[] | undefined
  /** offenders in this database by blocker id (countBlockers); a blocker that is absent could not be counted */
  readonly blockers?: Readonly<Record<string, number>> | undefined
}

export interface HopPlan {
  /**
   * releases whose code must sync the database, in this order; the target is always last, even when nothing is left to
   * do
   */
  readonly hops: readonly Release[]
}

/** A database and its position, as the graph needs it. */
interface Start extends Database {
  readonly position: Position
}

interface Search extends Request {
  readonly starts: readonly Start[]
}

const why = (search: Search, from: Release | undefined, to: Release): readonly string[] =>
  search.starts.flatMap((start) => refusals({ ...start, from, to, blockers: search.blockers ?? {} }))

const missingIn = (search: Search, chain: readonly Release[]): readonly Release[] =>
  chain.filter((hop) => hop !== search.target && search.available && !search.available.includes(hop))

/** Sum over every sync of a chain and every database. */
const sum = (
  search: Search,
  from: Release | undefined,
  chain: readonly Release[],
  of: (edge: Edge) => number,
): number =>
  chain
    .map((to, place) => ({ from: place === 0 ? from : chain[place - 1], to, blockers: search.blockers ?? {} }))
    .flatMap((edge) => search.starts.map((start) => of({ ...start, ...edge })))
    .reduce((all, one) => all + one, 0)

/**
 * Criteria in order: manual work that available environments could avoid, number of hops, number of missing
 * environments, number of refusals.
 */
const rank = (search: Search, from: Release | undefined, chain: readonly Release[]): readonly number[] => {
  const missing = missingIn(search, chain).length
  const whole = search.available !== undefined && missing === 0
  return [whole ? sum(search, from, chain, byHand) : 0, chain.length, missing, sum(search, from, chain, refusedFirst)]
}

/** Whether `b` is better than `a`; of equal ones the first wins. */
const better = (a: readonly number[], b: readonly number[]): boolean => {
  const place = a.findIndex((value, index) => value !== b[index])
  return place >= 0 && (b[place] ?? 0) < (a[place] ?? 0)
}

/**
 * The best chain from `from` through some of `nodes` (newest first) to the target; each node's own best chain is known.
 */
const extend = (search: Search, chains: ReadonlyMap<Release, readonly Release[]>, from: Release | undefined) => {
  let best: readonly Release[] | undefined
  for (const [next, chain] of chains) {
    const offered = [next, ...chain]
    if (why(search, from, next).length > 0) continue
    if (best === undefined || better(rank(search, from, best), rank(search, from, offered))) best = offered
  }
  return best
}

/**
 * Backwards from the target, newest release first: each takes the best chain of all later releases, of equal ones the
 * newest.
 */
const shortest = (search: Search, usable: (release: Release) => boolean): readonly Release[] | undefined => {
  const chains = new Map<Release, readonly Release[]>([[search.target, []]])
  for (const node of releases.filter((r) => r.index < search.target.index && usable(r)).toReversed()) {
    const chain = extend(search, chains, node)
    if (chain) chains.set(node, chain)
  }
  return extend(search, chains, undefined)
}

const names = (list: readonly Release[]): string => list.map((release) => release.id).join(', ')
const subject = (search: Search): string => search.starts.map((start) => start.repo).join(' and ')

const nowhere = (search: Search): SwapError =>
  refuse(
    `${subject(search)} hops`,
    `no chain of releases reaches ${search.target.id}: ${why(search, undefined, search.target).join('; ')}`,
    'Choose a target that is not older than the database, or restore the database from its dump',
  )

const lacking = (search: Search, chain: readonly Release[]): SwapError => {
  const gaps = missingIn(search, chain).map((hop) => gapAt(search, chain, chain.indexOf(hop)))
  return refuse(
    `${subject(search)} hops`,
    `the environment of ${gaps.map((gap) => gap.names).join(' and of ')} is missing: ${gaps.map((gap) => gap.why).join('; ')}`,
    'Configure it in the settings, in a section [hop RELEASE]: archive = FILE (swapctl hop make RELEASE makes one), or tree = PATH or venv = PATH on the target',
  )
}

/** A missing hop as 'zed (or one of xena, yoga, 2023.1)', and why it is needed. */
const gapAt = (search: Search, chain: readonly Release[], place: number): { names: string; why: string } => {
  const [hop = search.target, next = search.target] = chain.slice(place)
  const before = chain[place - 1]
  const fits = (r: Release) => why(search, before, r).length === 0 && why(search, r, next).length === 0
  const others = releases.filter((r) => r !== hop && r.index < next.index && fits(r))
  return {
    names: others.length === 0 ? hop.id : `${hop.id} (or one of ${names(others)})`,
    why: why(search, before, next).join('; '),
  }
}

/**
 * The hops of databases that one service's tools sync together (nova: nova and nova_api; cell0 is another nova). The
 * shortest chain that respects floors and blockers to be fixed on the way; of equal ones the one with available
 * environments, then the one without refusals, then the newest.
 * Refuses (exit code 2) when an environment is missing, naming it and why it is needed, or when the database is unknown
 * or newer than the target.
 */
export const planServiceHops = (databases: readonly Database[], request: Request): HopPlan => {
  const starts = databases.map((database) => ({ ...database, position: positionOf(database.repo, database.revision) }))
  const search: Search = { ...request, starts }
  const { available } = request
  const hops = shortest(search, (release) => available === undefined || available.includes(release))
  if (hops) return { hops }
  const wanted = shortest(search, () => true)
  throw wanted ? lacking(search, wanted) : nowhere(search)
}

/** The hops of one database: see planServiceHops. */
export const planHops = ({ repo, revision, ...request }: Database & Request): HopPlan =>
  planServiceHops([{ repo, revision }], request)
