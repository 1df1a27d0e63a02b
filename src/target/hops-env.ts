import type { Config } from '../config.ts'
import { environmentOf, formOf } from '../hops/environment.ts'
import type { Argv } from '../hosts/host.ts'
import { hopsDirectory } from '../places.ts'
import type { Release } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { inUnit } from './in-unit.ts'

/** Where a hop environment is on the target, and its name. */
export interface Place {
  /** 'zed', or 'zed-nova' for an environment of one service */
  readonly name: string
  /**
   * root: a root tree that swapctl unpacked; tree: one of the operator's, in which nothing is written; venv: a Python
   * environment of the operator's
   */
  readonly kind: 'root' | 'tree' | 'venv'
  readonly path: string
}

export const hopName = (release: string, service: string | undefined): string =>
  service === undefined ? release : `${release}-${service}`

/** The environment of a release for a service; without one in the settings, where an archive would be. */
export const placeOf = (
  config: Pick<Config, 'hops' | 'file'>,
  release: Release,
  { name }: Pick<Recipe, 'name'>,
): Place => {
  const hop = environmentOf(config, release, name)
  return hop === undefined ? unpacked(hopName(release.id, undefined)) : placeIn(hop, release)
}

/** Where an environment of the settings is on the target. */
export const placeIn = (hop: Config['hops'][number], release: Release): Place => {
  const name = hopName(release.id, hop.service)
  const { form, path } = formOf(hop)
  return form === 'archive' ? unpacked(name) : { name, kind: form, path }
}

const unpacked = (name: string): Place => ({ name, kind: 'root', path: `${hopsDirectory}/${name}` })

/** Where programs may be in a root tree; the last is that of container images of kolla. */
export const toolDirectories = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/bin', '/var/lib/kolla/venv/bin'] as const

/**
 * A schema tool of an older release, run on the target with that release's code: the target's network, accounts, merged
 * config files, log and state directories, and MariaDB socket. systemd sets up and removes the mounts; exit code and
 * streams are the tool's. `limit`: seconds; `more`: further properties of the unit.
 */
export const hopArgv = (place: Place, argv: Argv, user: string, limit: number, more: readonly string[] = []): Argv =>
  inUnit(
    `swapctl-hop-${place.name}-${user}`,
    [...codeOf(place), 'PrivateTmp=yes', `User=${user}`, `Group=${user}`, ...filesOf(place, user), ...more],
    callIn(place, argv),
    limit,
  )

/** The same for a tool of the target's own release. */
export const ownArgv = (argv: Argv, user: string, limit: number, more: readonly string[] = []): Argv =>
  inUnit(`swapctl-own-${user}`, [`User=${user}`, `Group=${user}`, ...more], argv, limit)

/**
 * Properties of a unit that runs with the code of an environment. One of the operator's is read-only; the plus makes
 * systemd look for the path inside of the tree.
 */
export const codeOf = ({ kind, path }: Place): readonly string[] => {
  if (kind === 'venv') return [`ReadOnlyPaths=${path}`]
  return [
    `RootDirectory=${path}`,
    'MountAPIVFS=yes',
    `Environment=PATH=${toolDirectories.join(':')}`,
    ...(kind === 'tree' ? ['ReadOnlyPaths=+/'] : []),
  ]
}

/** A call of an environment's tool. systemd-run looks for programs outside of a tree: `env` is in both. */
export const callIn = ({ kind, path }: Place, argv: Argv): Argv => {
  const [program, ...words] = argv
  return kind === 'venv' ? [`${path}/bin/${program}`, ...words] : ['/usr/bin/env', ...argv]
}

/** The target's files that replace a tree's own. Accounts: the merged files refer to them by number. */
const replaced = (user: string): readonly string[] => ['/etc/passwd', '/etc/group', '/etc/hosts', `/etc/${user}`]

/** The target's directories in which a tool may write. */
const shared = (user: string): readonly string[] => ['/run/mysqld', `/var/log/${user}`, `/var/lib/${user}`]

const filesOf = ({ kind }: Place, user: string): readonly string[] =>
  kind === 'venv'
    ? []
    : [
        ...replaced(user).map((path) => `BindReadOnlyPaths=-${path}`),
        ...shared(user).map((path) => `BindPaths=-${path}`),
      ]

/**
 * What a root tree of the operator's must have, or systemd would make it there: its base_filesystem_create, and where
 * something of the target is mounted.
 */
export const mountPoints = (recipes: readonly Pick<Recipe, 'user' | 'etc'>[]): readonly string[] => [
  ...['/bin', '/lib', '/sbin', '/root', '/dev', '/proc', '/sys', '/run', '/tmp', '/var/tmp'],
  ...new Set(
    recipes.flatMap(({ user, etc }) => [
      ...replaced(user),
      ...shared(user).filter((path) => !path.startsWith('/run/')),
      ...etc,
    ]),
  ),
]
