import { type Package, packages } from '../ask/facts.ts'
import { ask, lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import type { Host } from '../hosts/host.ts'
import { findRelease, releaseOfVersion } from '../releases/release.ts'
import { recipes as known } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'

/** Servers that OpenStack needs. */
const infrastructure = ['mariadb-server', 'rabbitmq-server', 'memcached', 'python3-pymysql'] as const

/** Operators' tools, installed when the source has them. */
const companions = ['python3-openstackclient', ...known.flatMap((recipe) => recipe.companions ?? []), 'mydumper']

/** Every package of the target: servers, packages of the recipes, and tools that the source has. */
export const wantedPackages = (recipes: readonly Recipe[], source: readonly Package[]): readonly string[] => [
  ...new Set([
    ...infrastructure,
    ...recipes.flatMap((recipe) => recipe.packages),
    ...companions.filter((name) => source.some((one) => one.name === name)),
  ]),
]

/** Why these packages (installed, or offered by apt) do not make a target of its release, one line each. */
export const shortcomings = (
  context: Pick<Context, 'config' | 'recipes'>,
  found: readonly Package[],
  wanted: readonly string[],
): readonly string[] => {
  const versions = new Map(found.map((one) => [one.name, one.version]))
  const release = findRelease(context.config.release, context.config.file)
  const missing = wanted.filter((name) => !versions.has(name)).map((name) => `${name} is missing`)
  const wrong = context.recipes.flatMap((recipe) => {
    const version = versions.get(recipe.release.package)
    if (version === undefined) return [`package ${recipe.release.package} is not installed`]
    const is = releaseOfVersion(recipe.release.first, version)
    return is === release
      ? []
      : [
          `${recipe.release.package} ${version} is ${is === undefined ? 'of no known release' : `of ${is.id}`}, not ${release.id}`,
        ]
  })
  return [...new Set([...missing, ...wrong])]
}

/** Units of packages, without '.service'; systemd generates one for a start script without a unit. */
export const unitsIn = (names: readonly string[]): Question<readonly string[]> => ({
  argv: ['dpkg', '-L', ...(names as readonly [string, ...string[]])],
  codes: [1],
  parse: (text) =>
    lines(text)
      .map((path) => /\/systemd\/system\/([^/@]+)\.service$|^\/etc\/init\.d\/([^/]+)$/.exec(path))
      .map((match) => match?.[1] ?? match?.[2])
      .filter((unit) => unit !== undefined),
})

/** Units (without '.service') of every package built from a service's source, whether requested or not. */
export const askServiceUnits = async (host: Host, recipes: readonly Recipe[]): Promise<readonly string[]> => {
  const installed = await ask(host, packages)
  const projects = new Set<string>(recipes.map((recipe) => recipe.release.project))
  const names = installed.filter((one) => projects.has(one.source)).map((one) => one.name)
  return names.length === 0 ? [] : [...new Set(await ask(host, unitsIn(names)))].sort()
}

/** Roles on the target that no installed unit has, one line each. */
export const idleRoles = (recipes: readonly Recipe[], units: readonly string[]): readonly string[] =>
  recipes.flatMap((recipe) =>
    recipe.target
      .filter((role) => !role.units.some((unit) => units.includes(unit)))
      .map((role) => `no package of ${recipe.name} installed a unit for its ${role.name}: ${role.units.join(' or ')}`),
  )
