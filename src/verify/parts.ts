import type { Context } from '../context.ts'
import type { Recipe } from '../services/recipe.ts'
import { fingerprintId } from '../source/fingerprint.ts'
import { sourceDifferences } from '../source/untouched.ts'
import { contentDifferences, contentIds, contentSays } from './content-step.ts'
import type { Difference } from './difference.ts'
import { schemaDifferences, schemaProofIds, schemaSays } from './schema-step.ts'

/** One of the proofs of `swapctl verify`. */
export interface Part {
  readonly part: Difference['part']
  readonly title: string
  /** steps that must be done before a service can be asked about */
  readonly after: (context: Context, recipe: Recipe) => readonly string[]
  readonly ask: (context: Context, recipes: readonly Recipe[]) => Promise<readonly Difference[]>
  /** what was looked at, where more can be said than that nothing differs */
  readonly says?: (context: Context, recipes: readonly Recipe[]) => Promise<string>
}

/** In the order in which a swap can answer them. A proof more is a line more. */
export const parts: readonly Part[] = [
  {
    part: 'content',
    title: "every row that was carried over is the source's",
    after: contentIds,
    ask: contentDifferences,
    says: contentSays,
  },
  {
    part: 'schema',
    title: "every schema is as the target's own tools make it from nothing",
    after: schemaProofIds,
    ask: schemaDifferences,
    says: schemaSays,
  },
  {
    part: 'source',
    title: 'the source is what it was at the freeze',
    after: () => [fingerprintId],
    ask: sourceDifferences,
  },
]
