import type { Host } from '../hosts/host.ts'
import type { FileStorage } from '../services/storage.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { askRows, type Stored } from './stored.ts'

/** 'file:///srv/images/a%20b' -> '/srv/images/a b' */
export const pathOfUrl = (url: string): string => {
  const path = url.replace(/^file:\/\/(localhost(?=\/))?/, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Files or digests that the database refers to. */
export const askExpected = async (
  source: Host,
  databases: readonly Pick<DatabaseSurvey, 'name' | 'repo'>[],
  { expects }: FileStorage,
): Promise<readonly string[]> => {
  if (expects === undefined) return []
  const rows = await askRows<{ it: string }>(source, databases, expects)
  return [...new Set(rows.map(({ it }) => (expects.as === 'url' ? pathOfUrl(it) : it)))]
}

const missingScript = `while IFS= read -r -d '' path; do [ -f "$path" ] || printf '%s\\0' "$path"; done`
const digestsScript = `find "$@" -type f -exec sha1sum -b -- {} + 2> /dev/null | cut -c1-40`

/** Those that a machine does not have. Keys are not read from it, only their digests. */
export const askMissing = async (
  host: Host,
  { expects }: FileStorage,
  trees: readonly Pick<Stored, 'path'>[],
  expected: readonly string[],
  limit = 600,
): Promise<readonly string[]> => {
  if (expected.length === 0) return []
  if (expects?.as === 'url') {
    const stdin = expected.map((path) => `${path}\0`).join('')
    const { stdout } = await host.run({ argv: ['bash', '-c', missingScript, 'missing'], stdin, limit })
    return stdout.split('\0').filter((path) => path !== '')
  }
  const paths = trees.map(({ path }) => `${path}/`)
  const { stdout } = await host.run({ argv: ['bash', '-c', digestsScript, 'digests', ...paths], limit })
  const there = new Set(stdout.split('\n'))
  return expected.filter((digest) => !there.has(digest))
}

/** Paths outside every copied tree. */
export const outside = (paths: readonly string[], trees: readonly Pick<Stored, 'path'>[]): readonly string[] =>
  paths.filter((path) => !trees.some((tree) => path.startsWith(`${tree.path}/`)))
