import type { Argv } from '../hosts/host.ts'
import { hopsDirectory } from './places.ts'

/** Where the tree of a release's hop environment lies on the target. */
export const hopRoot = (release: string): string => `${hopsDirectory}/${release}`

/**
 * A schema tool of an older release, run on the target inside that release's own tree: its programs and libraries; the
 * target's network, accounts, merged config files, log and state directories, and the socket of MariaDB. The service
 * manager sets the tree up and takes it down again, so nothing stays mounted, and exit code and streams are the tool's.
 * One service's tool of a release runs once at a time: a second start is refused while the first runs, also after a lost connection.
 */
export const hopArgv = (release: string, argv: Argv, user: string, environment?: string): Argv => [
  ...run(`swapctl-hop-${release}-${user}`, [...properties(hopRoot(release), user), ...file(environment)]),
  ...argv,
]

/** The same for a tool of the target's own release. `environment`: a file of NAME=value lines that only root can read. */
export const ownArgv = (argv: Argv, user: string, environment?: string): Argv => [
  ...run(`swapctl-own-${user}`, [`User=${user}`, `Group=${user}`, ...file(environment)]),
  ...argv,
]

const run = (unit: string, settings: readonly string[]): Argv => [
  'systemd-run',
  '--quiet',
  '--pipe',
  '--wait',
  '--collect',
  `--unit=${unit}`,
  ...settings.map((setting) => `--property=${setting}`),
  '--setenv=LC_ALL=C.UTF-8',
]

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
