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

/** Parses `dpkg --verify`: '??5?????? c /etc/x' is a file whose content differs from the package's. */
const changedIn = (text: string): readonly string[] =>
  lines(text)
    .filter((line) => line[2] === '5')
    .map((line) => line.slice(12).trim())

const owned = (paths: readonly string[]): Question<readonly Owned[]> => ({
  argv: ['dpkg-query', '-S', ...paths],
  codes: [1],
  parse: ownedIn,
})

/** The paths that belong to a package on the machine, whether or not their content has changed. */
export const packagedOf = async (ask: Asker, paths: readonly string[]): Promise<readonly string[]> =>
  paths.length === 0 ? [] : ((await ask(owned(paths))) ?? []).map(({ path }) => path)

/** The paths that are unchanged from a package on the machine. */
export const unchangedOf = async (ask: Asker, paths: readonly string[]): Promise<readonly string[]> => {
  const found = paths.length === 0 ? [] : ((await ask(owned(paths))) ?? [])
  const packages = [...new Set(found.flatMap((one) => one.packages))]
  if (packages.length === 0) return []
  const changed = await ask({ argv: ['dpkg', '--verify', ...packages], codes: [1, 2], parse: changedIn })
  // Without an answer no file is known to be unchanged.
  return changed === undefined ? [] : found.map(({ path }) => path).filter((path) => !changed.includes(path))
}
