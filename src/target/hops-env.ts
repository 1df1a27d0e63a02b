import type { Argv } from '../hosts/host.ts'
import { inUnit } from './in-unit.ts'
import { hopsDirectory } from './places.ts'

/** Where the tree of a release's hop environment lies on the target. */
export const hopRoot = (release: string): string => `${hopsDirectory}/${release}`

/**
 * A schema tool of an older release, run on the target inside that release's own tree: its programs and libraries; the
 * target's network, accounts, merged config files, log and state directories, and the socket of MariaDB. The service
 * manager sets the tree up and takes it down again, so nothing stays mounted, and exit code and streams are the tool's.
 * `limit`: seconds.
 */
export const hopArgv = (release: string, argv: Argv, user: string, limit: number, environment?: string): Argv =>
  inUnit(`swapctl-hop-${release}-${user}`, [...properties(hopRoot(release), user), ...file(environment)], argv, limit)

/** The same for a tool of the target's own release. `environment`: a file of NAME=value lines that only root can read. */
export const ownArgv = (argv: Argv, user: string, limit: number, environment?: string): Argv =>
  inUnit(`swapctl-own-${user}`, [`User=${user}`, `Group=${user}`, ...file(environment)], argv, limit)

const file = (environment: string | undefined): readonly string[] =>
  environment === undefined ? [] : [`EnvironmentFile=${environment}`]

const properties = (root: string, user: string): readonly string[] => [
  `RootDirectory=${root}`,
  'MountAPIVFS=yes',
  'PrivateTmp=yes',
  `User=${user}`,
  `Group=${user}`,
  // The merged files name the target's accounts by number, and these differ from tree to tree.
  ...['/etc/passwd', '/etc/group', '/etc/hosts', `/etc/${user}`].map((path) => `BindReadOnlyPaths=-${path}`),
  ...['/run/mysqld', `/var/log/${user}`, `/var/lib/${user}`].map((path) => `BindPaths=-${path}`),
]
