import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { type Followed, follow, type Taken } from './follow.ts'
import {
  becameText,
  countsText,
  differing,
  listingPath,
  type Otherwise,
  openAdmin,
  savedListing,
  savedTaken,
  savedToken,
  take,
} from './inventory.ts'
import { askListedRows } from './listed-rows.ts'

export const listedId = 'freeze/listed'

const mostSaid = 20

const few = (lines: readonly string[]): string =>
  [...lines.slice(0, mostSaid), ...(lines.length > mostSaid ? [`and ${lines.length - mostSaid} more`] : [])].join(', ')

/** The serving cloud's listing, updated from the databases. */
const followed = async (context: Context): Promise<Followed> => {
  const project = (await savedToken(context))?.project
  return follow(await savedTaken(context), await askListedRows(context, project), context.recipes)
}

/**
 * The listing was made while the cloud was serving: servers were being built, and users worked. Now that nothing
 * changes any more, it is updated from the databases, and only by what has changed since.
 */
export const listedStep = (context: Context): Step => ({
  id: listedId,
  phase: 'migrate',
  title: "Update the list of the cloud's resources with the changes up to the freeze",
  after: ['freeze/quiet'],
  changes: ['local'],
  run: async () => {
    const { listing } = await followed(context)
    const content = `${JSON.stringify(listing)}\n`
    return [{ kind: 'write', on: 'local', path: listingPath(context), mode: '0600', content }]
  },
  undo: nothing,
  proof: async () => {
    const { changes } = await followed(context)
    const counts = countsText(await savedListing(context))
    return `${counts}; ${changes.length === 0 ? 'nothing has changed' : `${changes.length} changed: ${few(changes)}`}`
  },
})

/** Resources whose row has changed while they were listed are someone's work. */
const standing = ({ before, after }: Taken, { what, id }: Otherwise): boolean =>
  JSON.stringify(before[what]?.[id]) === JSON.stringify(after[what]?.[id])

const sinceText = (since: readonly Otherwise[]): string =>
  since.length === 0 ? '' : `; changed in its databases since the list was made: ${few(since.map(nameText))}`

const nameText = (one: Otherwise): string => `${one.what} ${one.id}: ${becameText(one)}`

const proveOnce = async (context: Context): Promise<string> => {
  const saved = await savedTaken(context)
  const now = await take(context, await openAdmin(context, 'source'))
  const expected = follow(saved, now.after, context.recipes).listing
  const found = differing(expected, now.listing).filter((one) => standing(now, one))
  if (found.length > 0)
    throw new SwapError(
      'source',
      `the APIs list other resources than before and than the databases:\n  ${found.map(nameText).join('\n  ')}`,
      'Check these before you continue',
    )
  const since = differing(await savedListing(context), expected)
  return `same as before: ${countsText(now.listing)}${sinceText(since)}`
}

/**
 * After a revert: the old APIs answer and list what they listed before, apart from changes in the databases up to the
 * freeze and from users' new work. Waits for up to a minute.
 */
export const proveServing = async (context: Context): Promise<string> => {
  for (let tries = 0; ; tries++) {
    try {
      return await proveOnce(context)
    } catch (error) {
      if (tries === 30) throw error
      await sleep(2000)
    }
  }
}
