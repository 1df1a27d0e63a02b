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

/** All data on one service. */
export interface Service {
  /** how to install, configure, stop, start and list it */
  readonly recipe: Recipe
  /** its old options, and options about it in other services' files */
  readonly options: OptionRules
  /** how its rows that name the old controller are rewritten; named in `recipe.fixups` */
  readonly fixups?: readonly Fixup[]
  /** where its databases hold what the recipe's lists show */
  readonly listed: readonly Listed[]
  /** its lines of schema revisions, by release */
  readonly repos: readonly Repo[]
  /** migrations that refuse or lose rows */
  readonly blockers?: readonly Blocker[]
  /** references in its rows */
  readonly references?: readonly Reference[]
  /** rows that an operator should look at before they are carried over */
  readonly rows?: readonly RowCheck[]
  /** harmless differences of a schema upgraded through the releases */
  readonly allowed?: readonly Allowed[]
  /** kinds of resources that users keep there */
  readonly kept?: readonly Kept[]
  /**
   * tables of its main database that it writes by itself (heartbeats, recounted usage, caches, locks), in which a revert
   * loses nothing
   */
  readonly own?: readonly string[]
}
