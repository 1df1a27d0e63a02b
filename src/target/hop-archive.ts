import { packages } from '../ask/facts.ts'
import { type Argv, quote } from '../hosts/host.ts'
import type { Release } from '../releases/release.ts'
import type { Suite } from '../releases/suites.ts'
import type { Recipe } from '../services/recipe.ts'
import { databasesAt, toolsOf } from '../services/tools.ts'

/** What a hop environment is made of. */
export interface Making {
  readonly release: Release
  readonly suite: Suite
  /** services whose schema tools it is to have */
  readonly recipes: readonly Recipe[]
  /** URL of the distribution's packages */
  readonly mirror: string
  /** URL of the cloud archive, for a suite with a pocket */
  readonly cloudMirror?: string
  /** file or directory with the keys that sign the packages; the machine's own when absent */
  readonly keyring?: string
}

/** The services that have schemas at a release. */
export const servicesAt = (recipes: readonly Recipe[], release: Release): readonly Recipe[] =>
  recipes.filter((recipe) => databasesAt(recipe, release).length > 0 && toolsOf(recipe, release).sync.length > 0)

/** Packages of the schema tools, and of the drivers that they log in to MariaDB with. */
export const packagesOf = ({ release, suite, recipes }: Making): readonly string[] => {
  const drivers = new Set(recipes.map((recipe) => toolsOf(recipe, release).driver))
  const wanted = suite.pythons.flatMap((python) =>
    [...drivers].flatMap((driver) => {
      if (driver === 'mysql+pymysql') return [`${python}-pymysql`]
      return python === 'python' ? ['python-mysqldb'] : []
    }),
  )
  return [...wanted, ...recipes.map((recipe) => recipe.release.package)]
}

const linesOf = ({ suite, mirror, cloudMirror }: Making): readonly string[] => {
  const parts = suite.distribution === 'Debian' ? 'main' : 'main universe'
  return [
    `deb ${mirror} ${suite.name} ${parts}`,
    ...(suite.pocket === undefined ? [] : [`deb ${cloudMirror} ${suite.pocket} main`]),
  ]
}

/** Begins the lines with what the new tree has, among those that apt and dpkg print. */
export const mark = 'swapctl-hop: '

/** Prints the versions of the tools' packages, and starts each tool: mmdebstrap fails when one does not start. */
const proof = ({ release, recipes }: Making): string => {
  const [program, ...words] = packages.argv
  const names = recipes.map((recipe) => recipe.release.package)
  const asked = [program, '--root', ...words].map((word) => (word === '--root' ? '--root="$1"' : quote(word)))
  const tools = recipes.flatMap((recipe) => toolsOf(recipe, release).sync[0]?.argv[0] ?? [])
  return [
    `${[...asked, ...names.map(quote)].join(' ')} | sed 's/^/${mark}/'`,
    ...[...new Set(tools)].map((tool) => `chroot "$1" ${quote(tool)} --help >/dev/null`),
  ].join(' && ')
}

/**
 * Makes a root tree with the schema tools of a release and packs it into `output`, NAME.tar.zst. Nothing runs there but
 * what the packages run when they are installed. As root by chroot, otherwise in a user namespace.
 */
export const makeArgv = (making: Making, output: string): Argv => [
  'mmdebstrap',
  '--variant=apt',
  ...(making.keyring === undefined ? [] : [`--keyring=${making.keyring}`]),
  '--aptopt=Acquire::Languages "none"',
  '--aptopt=APT::Install-Recommends "false"',
  // The archives of old suites are not signed anew.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  ...['man', 'doc', 'locale'].map((papers) => `--dpkgopt=path-exclude=/usr/share/${papers}/*`),
  '--dpkgopt=force-unsafe-io',
  `--include=${packagesOf(making).join(',')}`,
  `--customize-hook=${proof(making)}`,
  making.suite.name,
  output,
  ...linesOf(making),
]
