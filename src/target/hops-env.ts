import type { Argv } from '../hosts/host.ts'
import { hopsDirectory } from '../places.ts'
import { inUnit } from './in-unit.ts'

/** The directory of a release's hop environment on the target. */
export const hopRoot = (release: string): string => `${hopsDirectory}/${release}`

/**
 * A schema tool of an older release, run on the target inside that release's tree: the tree's programs and libraries;
 * the target's network, accounts, merged config files, log and state directories, and MariaDB socket. systemd sets up
 * and removes the mounts; exit code and streams are the tool's. `limit`: seconds; `more`: further properties of the
 * unit.
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
  // The merged files refer to the target's accounts by number, and numbers differ between trees.
  ...['/etc/passwd', '/etc/group', '/etc/hosts', `/etc/${user}`].map((path) => `BindReadOnlyPaths=-${path}`),
  ...['/run/mysqld', `/var/log/${user}`, `/var/lib/${user}`].map((path) => `BindPaths=-${path}`),
]
