import type { Context } from '../context.ts'
import type { Recipe } from '../services/recipe.ts'
import { fingerprintId } from '../source/fingerprint.ts'
import { sourceDifferences } from '../source/untouched.ts'
import { contentDifferences, contentIds, contentSays } from './content-step.ts'
import { credentialDifferences, credentialsSay } from './credentials.ts'
import type { Difference } from './difference.ts'
import { inventoryDifferences, inventorySays } from './inventory.ts'
import { referenceDifferences, referencesSays } from './references.ts'
import { schemaDifferences, schemaProofIds, schemaSays } from './schema-step.ts'
import { tokenDifferences, tokensSay } from './tokens.ts'

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

/** A service is asked about once it runs on the target. */
const verifyId = (_: Context, recipe: Recipe): readonly string[] => [`${recipe.name}/verify`]

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
    part: 'references',
    title: 'what rows of the target point at is there, as it was on the source',
    after: verifyId,
    ask: referenceDifferences,
    says: referencesSays,
  },
  {
    part: 'inventory',
    title: 'the APIs of the target list what those of the source listed before the freeze',
    after: verifyId,
    ask: inventoryDifferences,
    says: inventorySays,
  },
  {
    part: 'tokens',
    title: 'a token issued before the freeze is good on the target',
    after: verifyId,
    ask: tokenDifferences,
    says: tokensSay,
  },
  {
    part: 'credentials',
    title: 'an application credential and an encrypted credential made before the freeze are good on the target',
    after: verifyId,
    ask: credentialDifferences,
    says: credentialsSay,
  },
  {
    part: 'source',
    title: 'the source is what it was at the freeze',
    after: () => [fingerprintId],
    ask: sourceDifferences,
  },
]
