import type { Blocker } from '../releases/blocker.ts'
import type { Repo } from '../releases/repo.ts'
import type { Fixup } from '../rewrite/fixup.ts'
import type { Allowed } from './allowed.ts'
import type { Kept } from './kept.ts'
import type { Listed } from './listing.ts'
import type { OptionRules } from './options.ts'
import type { Recipe } from './recipe.ts'
import type { Reference } from './reference.ts'
import type { RowCheck } from './row-check.ts'

/** A service as one folder: all that swapctl knows of it. */
export interface Service {
  /** how it is installed, configured, stopped, started, listed */
  readonly recipe: Recipe
  /** its old options, in its own config files and of it in others' */
  readonly options: OptionRules
  /** what becomes of its rows that name the old controller: those that `recipe.fixups` names */
  readonly fixups?: readonly Fixup[]
  /** where its databases have what the recipe's lists show */
  readonly listed: readonly Listed[]
  /** its lines of schema revisions, release by release */
  readonly repos: readonly Repo[]
  /** migrations that refuse or lose rows */
  readonly blockers?: readonly Blocker[]
  /** what its rows say of other rows */
  readonly references?: readonly Reference[]
  /** rows that should be looked at before they are carried over */
  readonly rows?: readonly RowCheck[]
  /** harmless differences of a schema that came through the releases */
  readonly allowed?: readonly Allowed[]
  /** kinds of things that users keep there */
  readonly kept?: readonly Kept[]
  /** tables of its main database that it writes on its own account */
  readonly own?: readonly string[]
}
