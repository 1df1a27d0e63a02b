import { refuse, type SwapError } from '../errors.ts'
import { refusals } from './edge.ts'
import { type Position, positionOf } from './position.ts'
import { type Release, releases } from './release.ts'
import type { RepoName } from './repo.ts'
import type { Revision } from './revision.ts'

export interface Database {
  readonly repo: RepoName
  readonly revision: Revision
}

export interface Request {
  readonly target: Release
  /** releases the operator has an environment for; absent: any, to learn which are needed. The target need not be among them */
  readonly available?: readonly Release[] | undefined
  /** offenders counted in this database, by blocker id (countBlockers); a blocker that is absent could not be asked */
  readonly blockers?: Readonly<Record<string, number>> | undefined
}

export interface HopPlan {
  /** releases whose code must sync the database, in this order; the target is the last, also when nothing is left to do */
  readonly hops: readonly Release[]
  /** why each of `hops` is there, in the same order */
  readonly reasons: readonly string[]
}

/** A database where it stands, as the graph needs it. */
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

/** Fewest hops, then fewest environments that the operator lacks; of equals the first offered stays. */
const better = (search: Search, a: readonly Release[] | undefined, b: readonly Release[]): readonly Release[] => {
  if (a === undefined || b.length < a.length) return b
  return b.length === a.length && missingIn(search, b).length < missingIn(search, a).length ? b : a
}

/** The best chain from `from` over some of `nodes` (newest first) to the target, each of which already has its best chain. */
const extend = (search: Search, chains: ReadonlyMap<Release, readonly Release[]>, from: Release | undefined) => {
  let best: readonly Release[] | undefined
  for (const [next, chain] of chains) {
    if (why(search, from, next).length === 0) best = better(search, best, [next, ...chain])
  }
  return best
}

/** Backwards from the target, newest release first: each finds the best chain of all that lie after it, and of equal ones the newest. */
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
    `no chain of releases leads to ${search.target.id}: ${why(search, undefined, search.target).join('; ')}`,
    'Choose a target that is not older than the database, or restore the database from its dump',
  )

const lacking = (search: Search, chain: readonly Release[]): SwapError => {
  const missing = missingIn(search, chain)
  const gaps = missing.map((hop) => instead(search, chain, hop))
  return refuse(
    `${subject(search)} hops`,
    `the environment of ${gaps.join(' and of ')} is missing: ${because(search, chain)[chain.indexOf(missing[0] ?? search.target)]}`,
    'Name its packed tree in the settings: a section [hop RELEASE] with archive = FILE',
  )
}

/** 'zed (or one of xena, yoga, 2023.1)' */
const instead = (search: Search, chain: readonly Release[], hop: Release): string => {
  const place = chain.indexOf(hop)
  const next = chain[place + 1] ?? search.target
  const fits = (r: Release) => why(search, chain[place - 1], r).length === 0 && why(search, r, next).length === 0
  const others = releases.filter((r) => r !== hop && r.index < next.index && fits(r))
  return others.length === 0 ? hop.id : `${hop.id} (or one of ${names(others)})`
}

/** A hop is there because its neighbours cannot do without it. */
const because = (search: Search, chain: readonly Release[]): readonly string[] =>
  chain.map((hop, place) => {
    const next = chain[place + 1]
    if (next)
      return why(search, chain[place - 1], next).join('; ') || `no environment at hand for a shorter way to ${next.id}`
    const there = search.starts.every((start) => start.position.exact.includes(hop))
    return there ? 'the target; already at its revision, its sync must change nothing' : 'the target'
  })

/**
 * The hops of databases that one service's tools sync together (nova: nova and nova_api; cell0 is another nova). Shortest chain over
 * floors and over blockers that must be mended on the way; of equal ones, that with the environments at hand, then the newest.
 * Refuses (exit code 2) when an environment is missing, naming it, when the database is newer than the target, or unknown.
 */
export const planServiceHops = (databases: readonly Database[], request: Request): HopPlan => {
  const starts = databases.map((database) => ({ ...database, position: positionOf(database.repo, database.revision) }))
  const search: Search = { ...request, starts }
  const { available } = request
  const hops = shortest(search, (release) => available === undefined || available.includes(release))
  if (hops) return { hops, reasons: because(search, hops) }
  const wanted = shortest(search, () => true)
  throw wanted ? lacking(search, wanted) : nowhere(search)
}

/** The hops of one database: see planServiceHops. */
export const planHops = ({ repo, revision, ...request }: Database & Request): HopPlan =>
  planServiceHops([{ repo, revision }], request)
