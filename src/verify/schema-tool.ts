import type { Argv } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'
import { inUnit } from '../target/in-unit.ts'

/**
 * A tool of the target's own that sees one config file in the place of all: whatever the real ones say, it knows no other
 * database, and without a network it would reach no other machine's. `limit`: seconds. Pure.
 */
export const newArgv = (
  argv: Argv,
  recipe: Pick<Recipe, 'user' | 'etc' | 'files'>,
  config: string,
  limit: number,
): Argv =>
  inUnit(
    `swapctl-new-${recipe.user}`,
    [
      `User=${recipe.user}`,
      `Group=${recipe.user}`,
      'PrivateNetwork=yes',
      'PrivateTmp=yes',
      ...recipe.etc.map((path) => `TemporaryFileSystem=${path}:ro`),
      ...recipe.files.map(({ path }) => `BindReadOnlyPaths=${config}:${path}`),
    ],
    argv,
    limit,
  )
