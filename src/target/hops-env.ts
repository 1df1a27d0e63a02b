import type { Argv } from '../hosts/host.ts'
import { hopsDirectory } from '../places.ts'
import { inUnit } from './in-unit.ts'

/** Where the tree of a release's hop environment lies on the target. */
export const hopRoot = (release: string): string => `${hopsDirectory}/${release}`

/**
 * A schema tool of an older release, run on the target inside that release's own tree: its programs and libraries; the
 * target's network, accounts, merged config files, log and state directories, and the socket of MariaDB. The service
 * manager sets the tree up and takes it down again, so nothing stays mounted, and exit code and streams are the tool's.
 * `limit`: seconds; `more`: further properties of the unit.
 */
export const hopArgv = (release: string, argv: Argv, user: string, limit: number, more: readonly string[] = []): Argv =>
  inUnit(`swapctl-hop-${release}-${user}`, [...properties(hopRoot(release), user), ...more], argv, limit)

/** The same for a tool of the target's own release. */
export const ownArgv = (argv: Argv, user: string, limit: number, more: readonly string[] = []): Argv =>
  inUnit(`swapctl-own-${user}`, [`User=${user}`, `Group=${user}`, ...more], argv, limit)

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
