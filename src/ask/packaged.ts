import { packages as installed } from './facts.ts'
import { lines, type Question } from './question.ts'

/** Asks one machine; undefined when the program is missing. */
type Asker = <T>(question: Question<T>) => Promise<T | undefined>

interface Owned {
  readonly path: string
  readonly packages: readonly string[]
}

/** Parses `dpkg-query -S`: 'one, other: /path'. Lines about diversions name no package. */
export const ownedIn = (text: string): readonly Owned[] =>
  lines(text).flatMap((line) => {
    const [, packages = '', path = ''] = /^((?:[a-z0-9][\w.+:-]*, )*[a-z0-9][\w.+:-]*): (\/.*)$/.exec(line) ?? []
    return path === '' ? [] : [{ path, packages: packages.split(', ') }]
  })

export interface Changed {
  readonly path: string
  readonly isConfig: boolean
  readonly isMissing: boolean
}

/** Parses `dpkg --verify`: '??5?????? c /etc/x' differs from the package's file, 'missing   c /etc/x' is not there. */
export const changedIn = (text: string): readonly Changed[] =>
  lines(text)
    .filter((line) => line[2] === '5' || line.startsWith('missing'))
    .map((line) => ({
      path: line
        .slice(12)
        .replace(/ \([^)]*\)$/, '')
        .trim(),
      isConfig: line[10] === 'c',
      isMissing: line.startsWith('missing'),
    }))

/**
 * What differs from these packages. It has no answer (exit code 2) where dpkg cannot compare, or is too old to know how:
 * then nothing is known to be unchanged.
 */
export const verified = (packages: readonly string[]): Question<readonly Changed[]> => ({
  argv: ['dpkg', '--verify', ...packages],
  codes: [1],
  parse: changedIn,
})

const owned = (paths: readonly string[]): Question<readonly Owned[]> => ({
  argv: ['dpkg-query', '-S', ...paths],
  codes: [1],
  parse: ownedIn,
})

/** The paths that belong to a package on the machine, whether or not their content has changed. */
export const packagedOf = async (ask: Asker, paths: readonly string[]): Promise<readonly string[]> =>
  paths.length === 0 ? [] : ((await ask(owned(paths))) ?? []).map(({ path }) => path)

/**
 * The paths that are unchanged from a package on the machine that is built from one of these sources: the services' own,
 * which the target has too. What another package brings, nobody would bring there.
 */
export const unchangedOf = async (
  ask: Asker,
  paths: readonly string[],
  sources: readonly string[],
): Promise<readonly string[]> => {
  const found = paths.length === 0 ? [] : ((await ask(owned(paths))) ?? [])
  if (found.length === 0) return []
  const ours = new Set(
    ((await ask(installed)) ?? []).flatMap((one) => (sources.includes(one.source) ? [one.name] : [])),
  )
  const theirs = found.filter(({ packages }) => packages.every((name) => ours.has(name.replace(/:.*$/, ''))))
  const names = [...new Set(theirs.flatMap(({ packages }) => packages))]
  if (names.length === 0) return []
  const changed = await ask(verified(names))
  return changed === undefined
    ? []
    : theirs.map(({ path }) => path).filter((path) => !changed.some((one) => one.path === path))
}
