import { type Check, warn } from '../ask/check.ts'
import { SwapError } from '../errors.ts'
import { some } from '../text/some.ts'
import { sourceReferences } from '../verify/references.ts'

/**
 * References already broken on the source are reported now, so that they surprise nobody later; a source too busy to
 * answer is no obstacle.
 */
const broken: Check['ask'] = async (context) => {
  const found = await sourceReferences(context).catch((error: unknown) => {
    if (error instanceof SwapError) return error
    throw error
  })
  if (found instanceof SwapError)
    return [warn(`cannot check the references of the source: ${found.message}`, found.next)]
  return found.length === 0
    ? []
    : [
        warn(
          `${found.length} references are already broken on the source: ${some(found)}`,
          'They are copied unchanged, and swapctl verify does not blame the swap for them; fix them before or after',
        ),
      ]
}

export const referenceChecks: readonly Check[] = [
  {
    id: 'references/already-broken',
    level: 'warn',
    title: 'Rows of one service point to rows of another that exist',
    source: 'src/services/*/references.ts: each rule names its source',
    why: 'Broken references would look like a fault of the swap.',
    remedy: 'Fix them before or after the swap; swapctl verify reports them separately.',
    ask: broken,
  },
]
