import { SwapError } from '../../src/errors.ts'
import { type Database, planServiceHops } from '../../src/hops/hops.ts'
import { findRelease } from '../../src/releases/release.ts'
import type { End, RepoName } from '../../src/releases/repo.ts'
import { repoNamed } from '../../src/services/index.ts'

/** A release's revision of a database, from the data that the live test compares with real databases. */
const revisionAt = (repo: RepoName, release: string): readonly string[] => {
  const end: End = repoNamed(repo).ends[findRelease(release).name] ?? {}
  if (end.heads) return end.heads[0] ?? []
  const parts = Object.values(repoNamed(repo).migrate).filter((word) => word !== '')
  const steps = end.parts ? parts.map((word) => `${word} ${end.parts?.[1]}`) : []
  return [...(end.number ? [`${end.number[1]}`] : []), ...steps]
}

/** A database as a release leaves it. */
export const at = (repo: RepoName, release: string): Database => ({ repo, revision: revisionAt(repo, release) })
/** 'zed 2025.1' as releases. */
export const list = (words: string) =>
  words
    .split(' ')
    .filter(Boolean)
    .map((word) => findRelease(word))

/** The ids of the hops of a service's databases, joined by blanks. */
export const hops = (
  repo: RepoName,
  from: string,
  to: string,
  available?: string,
  blockers?: Record<string, number>,
) => {
  const request = {
    target: findRelease(to),
    available: available === undefined ? undefined : list(available),
    blockers,
  }
  const databases =
    repo === 'nova'
      ? [at('nova', from), ...(repoNamed('nova_api').ends[findRelease(from).name] ? [at('nova_api', from)] : [])]
      : [at(repo, from)]
  return planServiceHops(databases, request)
    .hops.map((hop) => hop.id)
    .join(' ')
}

/** The error of a question that must be refused. */
export const refusal = (ask: () => unknown): SwapError => {
  try {
    ask()
  } catch (error) {
    if (error instanceof SwapError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
