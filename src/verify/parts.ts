import type { Context } from '../context.ts'
import type { Recipe } from '../services/recipe.ts'
import { fingerprintId } from '../source/fingerprint.ts'
import { contentDifferences, contentIds, contentSays } from './content-step.ts'
import { credentialDifferences, credentialsSay } from './credentials.ts'
import type { Difference } from './difference.ts'
import { inventoryDifferences, inventorySays } from './inventory.ts'
import { askReferences, referencesText } from './references.ts'
import { schemaDifferences, schemaProofIds, schemaSays } from './schema-step.ts'
import { sealedDifferences, sealedSay } from './sealed.ts'
import { tokenDifferences, tokensSay } from './tokens.ts'
import { sourceDifferences } from './untouched.ts'

/** One of the proofs of `swapctl verify`. */
export interface Part {
  readonly part: Difference['part']
  readonly title: string
  /** steps that must be done before a service can be asked */
  readonly after: (context: Context, recipe: Recipe) => readonly string[]
  readonly ask: Ask<Asked>
}

type Ask<T> = (context: Context, recipes: readonly Recipe[]) => Promise<T>

export interface Asked {
  readonly differences: readonly Difference[]
  /** what was examined, beyond the absence of differences */
  readonly says?: string
}

/** Differences first, then what was examined. */
const both =
  (ask: Ask<readonly Difference[]>, say: Ask<string>): Ask<Asked> =>
  async (context, recipes) => ({ differences: await ask(context, recipes), says: await say(context, recipes) })

/** A service can be asked once it runs on the target. */
const verifyId = (_: Context, recipe: Recipe): readonly string[] => [`${recipe.name}/verify`]

/** In the order in which they become possible during a swap. Add a proof as an entry. */
export const parts: readonly Part[] = [
  {
    part: 'content',
    title: "every copied row equals the source's row",
    after: contentIds,
    ask: both(contentDifferences, contentSays),
  },
  {
    part: 'schema',
    title: "every schema equals the one that the target's tools create",
    after: schemaProofIds,
    ask: both(schemaDifferences, schemaSays),
  },
  {
    part: 'references',
    title: 'references between rows on the target are as valid as on the source',
    after: verifyId,
    ask: async (context, recipes) => {
      const found = await askReferences(context, recipes)
      return { differences: found.differences, says: referencesText(found) }
    },
  },
  {
    part: 'inventory',
    title: 'the APIs of the target list the same as those of the source before the freeze',
    after: verifyId,
    ask: both(inventoryDifferences, inventorySays),
  },
  {
    part: 'tokens',
    title: 'a token issued before the freeze works on the target',
    after: verifyId,
    ask: both(tokenDifferences, tokensSay),
  },
  {
    part: 'credentials',
    title: 'an application credential and an encrypted credential made before the freeze work on the target',
    after: verifyId,
    ask: both(credentialDifferences, credentialsSay),
  },
  {
    part: 'sealed',
    title: "what services encrypt with keys from their settings can be read on the target, with the target's own code",
    after: verifyId,
    ask: both(sealedDifferences, sealedSay),
  },
  {
    part: 'source',
    title: 'the source is unchanged since the freeze',
    after: () => [fingerprintId],
    ask: async (context, recipes) => ({ differences: await sourceDifferences(context, recipes) }),
  },
]
