import type { Argv } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import { callIn, codeOf, type Place } from '../target/hops-env.ts'
import { inUnit } from '../target/in-unit.ts'
import { programText } from '../text/program.ts'

type Tool = Pick<Recipe, 'user' | 'etc' | 'files'>

/**
 * A tool of the target that sees one config file in place of all others: whatever the real ones say, it knows no other
 * database, and without a network it can reach no other machine. `limit`: seconds; `more`: further unit properties.
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

/** What a tool in a root tree needs of the target itself. */
const fromTarget = [
  ...['/etc/passwd', '/etc/group'].map((path) => `BindReadOnlyPaths=-${path}`),
  'BindPaths=-/run/mysqld',
]

/**
 * The first failing tool leaves its output in a file, and later ones are skipped: the failure is reported before the
 * freeze, together with other services' results, and does not stop those.
 */
const tolerant = programText('tolerant.sh', import.meta.url)

/** Like newArgv, for the target's own release or in a hop's environment (`hop`); a failure is left in `failed`. */
export const tryArgv = (
  argv: Argv,
  hop: Place | undefined,
  recipe: Tool,
  { config, failed }: { readonly config: string; readonly failed: string },
  limit: number,
  more: readonly string[] = [],
): Argv => {
  const unit = hopAlone(`swapctl-try-${recipe.user}`, argv, hop, recipe, config, limit, more)
  return ['sh', '-c', tolerant, 'try', failed, ...unit]
}

/** Like tryArgv, and exits like the tool. */
export const rehearseArgv = (
  argv: Argv,
  hop: Place | undefined,
  recipe: Tool,
  config: string,
  limit: number,
  more: readonly string[] = [],
): Argv => hopAlone(`swapctl-rehearse-${recipe.user}`, argv, hop, recipe, config, limit, more)

const hopAlone = (
  unit: string,
  argv: Argv,
  hop: Place | undefined,
  recipe: Tool,
  config: string,
  limit: number,
  more: readonly string[],
): Argv => {
  const code = hop === undefined ? [] : [...codeOf(hop), ...(hop.kind === 'venv' ? [] : fromTarget)]
  const call = hop === undefined ? argv : callIn(hop, argv)
  return inUnit(unit, [...code, ...alone(recipe, config), ...more], call, limit)
}
