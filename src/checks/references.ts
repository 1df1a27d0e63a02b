import { SwapError } from '../errors.ts'
import { type Check, warn } from '../source/check.ts'
import { sourceReferences } from '../verify/references.ts'
import { some } from './on-source.ts'
import { rule } from './rule.ts'

/** After the swap these are no news; a source that is too busy to say keeps nobody from it. */
const broken: Check['ask'] = async (context) => {
  const found = await sourceReferences(context).catch((error: unknown) => {
    if (error instanceof SwapError) return error
    throw error
  })
  if (found instanceof SwapError)
    return [warn(`references of the source could not be followed: ${found.message}`, found.next)]
  return found.length === 0
    ? []
    : [
        warn(
          `${found.length} references of the source lead nowhere already: ${some(found)}`,
          'They are carried as they are, and swapctl verify tells them from what the swap would break; mend them before or after',
        ),
      ]
}

/** Rows that point from service to service. */
export const referenceChecks: readonly Check[] = [
  rule(
    'references/already-broken',
    'warn',
    'References between services lead somewhere',
    'the rules of swapctl verify, each with its source; known failures P39, P45, P57, P68',
    broken,
  ),
]
