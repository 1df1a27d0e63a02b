import type { Argv } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import { hopRoot } from '../target/hops-env.ts'
import { inUnit } from '../target/in-unit.ts'
import { programText } from '../text/program.ts'

type Tool = Pick<Recipe, 'user' | 'etc' | 'files'>

/**
 * A tool of the target's own that sees one config file in the place of all: whatever the real ones say, it knows no other
 * database, and without a network it would reach no other machine's. `limit`: seconds; `more`: further properties.
 */
export const newArgv = (argv: Argv, recipe: Tool, config: string, limit: number, more: readonly string[] = []): Argv =>
  inUnit(`swapctl-new-${recipe.user}`, [...alone(recipe, config), ...more], argv, limit)

const alone = (recipe: Tool, config: string): readonly string[] => [
  `User=${recipe.user}`,
  `Group=${recipe.user}`,
  'PrivateNetwork=yes',
  'PrivateTmp=yes',
  ...recipe.etc.map((path) => `TemporaryFileSystem=${path}:ro`),
  ...recipe.files.map(({ path }) => `BindReadOnlyPaths=${config}:${path}`),
]

/**
 * The first tool that fails leaves what it said in a file, and those after it are not run: what that means is told with
 * what other services have, before the freeze, and does not end the work on them.
 */
const tolerant = programText('tolerant.sh', import.meta.url)

/** The same as newArgv, of the target's own release or of a hop's (`hop`: its id), and what fails is left in `failed`. */
export const tryArgv = (
  argv: Argv,
  hop: string | undefined,
  recipe: Tool,
  { config, failed }: { readonly config: string; readonly failed: string },
  limit: number,
  more: readonly string[] = [],
): Argv => {
  const tree =
    hop === undefined
      ? []
      : [
          `RootDirectory=${hopRoot(hop)}`,
          'MountAPIVFS=yes',
          ...['/etc/passwd', '/etc/group'].map((path) => `BindReadOnlyPaths=-${path}`),
          'BindPaths=-/run/mysqld',
        ]
  const unit = inUnit(`swapctl-try-${recipe.user}`, [...tree, ...alone(recipe, config), ...more], argv, limit)
  return ['sh', '-c', tolerant, 'try', failed, ...unit]
}
