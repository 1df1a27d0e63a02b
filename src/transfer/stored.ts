import { posix } from 'node:path'
import { existing, identities } from '../ask/facts.ts'
import { ask } from '../ask/question.ts'
import { refuse } from '../errors.ts'
import { askThings } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Host, Hosts } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import type { FileStorage, LvmStorage, Rows } from '../services/storage.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { fill } from '../text/sql.ts'
import { askEffective, resolved } from './effective.ts'
import { type ConfFile, getAll } from './oslo-conf.ts'
import type { Tree } from './trees.ts'

export const fileStorage = (recipe: Pick<Recipe, 'storage'>): readonly FileStorage[] =>
  recipe.storage.filter((one) => one.kind === 'file')

export const lvmStorage = (recipe: Pick<Recipe, 'storage'>): readonly LvmStorage[] =>
  recipe.storage.filter((one) => one.kind === 'lvm')

/** Directories that do not belong to a service: replacing one of them, or a parent, would damage the target. */
const notOurs = ['/etc', '/usr', '/boot', '/home', '/root', '/run', '/var/log', '/var/lib/mysql', '/var/lib/swapctl']

const treePath = (value: string, where: string): string => {
  const path = posix.normalize(value).replace(/(?<=.)\/+$/, '')
  const wrong =
    !path.startsWith('/') || notOurs.some((one) => one === path || one.startsWith(path === '/' ? '/' : `${path}/`))
  if (wrong)
    throw refuse(
      where,
      `'${value}' cannot be a directory of this service only`,
      'Give the service a separate directory',
    )
  return path
}

/**
 * Where a service keeps its files, from its settings, or the default place. Throws SwapError (exit 2) naming an option
 * whose value is unclear or is not a directory for this service only.
 */
export const pathsOf = (file: ConfFile, { path, options, sections }: FileStorage): readonly string[] => {
  const listed = sections === undefined ? '' : (getAll(file, ...sections.by).at(-1) ?? '')
  const named = [...listed.matchAll(/([^\s,:]+)\s*:\s*([^\s,]+)/g)].filter(([, , type]) => type === sections?.type)
  const wanted = named.length > 0 ? named.map(([, section = '']) => [section, sections?.name ?? ''] as const) : options
  const found = wanted.flatMap(([section, name]): readonly string[] => {
    const values = getAll(file, section, name)
    const where = `[${section}] ${name}`
    if (values.length === 0 && named.length > 0) return [path]
    return values.map((value) => {
      const text = resolved(file, section, value)
      if (text === undefined)
        throw refuse(where, `unknown directory: '${value}'`, 'Write it without $ in the file of the source')
      return treePath(text.replace(/:\d+$/, ''), where)
    })
  })
  // A multi-store glance whose stores are all elsewhere has no files.
  if (found.length === 0) return listed === '' ? [path] : []
  return [...new Set(found)]
}

/** A tree as it is on the source. */
export interface Stored extends Tree {
  readonly storage: FileStorage
}

/** Every tree of a service, where the source's settings put it; nested trees are part of the outer one. */
export const askTrees = async (source: Host, recipe: Pick<Recipe, 'storage' | 'files'>): Promise<readonly Stored[]> => {
  const all = fileStorage(recipe)
  const main = recipe.files[0]?.path
  if (all.length === 0 || main === undefined) return []
  const file = (await askEffective(source, main)) ?? { parts: [] }
  const trees = all.flatMap((storage) =>
    pathsOf(file, storage).map((path): Stored => ({ path, owner: storage.owner, storage })),
  )
  return trees.filter(({ path }) => !trees.some((other) => path.startsWith(`${other.path}/`)))
}

/** Those that exist. */
export const askPresent = async (
  source: Host,
  recipe: Pick<Recipe, 'storage' | 'files'>,
): Promise<readonly Stored[]> => {
  const trees = await askTrees(source, recipe)
  if (trees.length === 0) return []
  const there = new Set(await ask(source, existing(trees.map(({ path }) => path))))
  return trees.filter(({ path }) => there.has(path))
}

/**
 * Without trees that look like the same directory on both sides: same inode, changed in the same nanosecond. Good
 * enough for estimating space; before anything is copied, a real test follows.
 */
export const notShared = async (hosts: Hosts, trees: readonly string[]): Promise<readonly string[]> => {
  const [here, there] = await Promise.all([
    ask(hosts('source'), identities(trees)),
    ask(hosts('target'), identities(trees)),
  ])
  return trees.filter((path) => here[path] !== undefined && here[path] !== there[path])
}

const filesScript = `for tree; do [ -n "$(find "$tree/" -type f -size +0 -print -quit 2> /dev/null)" ] || printf '%s\\0' "$tree"; done`

/** Trees that the service cannot work without, by the source's settings, and that are empty on a machine. */
export const askEmpty = async (
  { source, on }: { readonly source: Host; readonly on: Host },
  recipe: Pick<Recipe, 'storage' | 'files'>,
): Promise<readonly { readonly path: string; readonly what: string }[]> => {
  const needed = fileStorage(recipe).flatMap(({ filled, ...storage }) =>
    filled === undefined ? [] : [{ filled, storage }],
  )
  const main = recipe.files[0]?.path
  if (needed.length === 0 || main === undefined) return []
  const file = (await askEffective(source, main)) ?? { parts: [] }
  const wanted = needed
    .filter(
      ({
        filled: {
          when: [section, name, value],
        },
      }) => value.test(getAll(file, section, name).at(-1) ?? ''),
    )
    .flatMap(({ filled, storage }) => pathsOf(file, storage).map((path) => ({ path, what: filled.what })))
  const argv = ['bash', '-c', filesScript, 'files', ...wanted.map(({ path }) => path)] as const
  const empty = (await on.run({ argv })).stdout.split('\0')
  return wanted.filter(({ path }) => empty.includes(path))
}

/** Rows of the source's database; [] when the database, table or column does not exist. */
export const askRows = async <Row>(
  source: Host,
  databases: readonly Pick<DatabaseSurvey, 'name' | 'repo'>[],
  { repo, needs, sql }: Rows,
): Promise<readonly Row[]> => {
  const name = databases.find((one) => one.repo === repo)?.name
  if (name === undefined) return []
  return withDatabase(source, { readOnly: true }, async (db) => {
    const things = await askThings(db, name, [...new Set(needs.map((one) => one.split('.')[0] ?? ''))])
    return needs.every((one) => things.has(one)) ? db.rows<Row>(fill(sql, { '': name })) : []
  })
}
