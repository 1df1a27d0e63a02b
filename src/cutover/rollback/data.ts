import { posix } from 'node:path'
import { type Config, defaultBudget } from '../../config.ts'
import type { Context } from '../../context.ts'
import { type Journal, newestFirst } from '../../engine/journal.ts'
import type { Place } from '../handover/announce.ts'
import { moveId } from '../handover/moves.ts'
import type { Side } from '../keepers/edits.ts'
import type { FileState } from '../keepers/manager.ts'
import type { Reader } from '../keepers/reading.ts'

/** Where a machine keeps what it puts back and how far it is; root only, on a disk that is there after a boot. */
export const home = '/var/lib/swapctl-putback'

export const scriptPath = posix.join(home, 'putback.sh')

/** Whether the cutover is one that is confirmed or goes back by itself: so it is unless `[cutover] budget` is off. */
export const confirms = ({ config }: Pick<Context, 'config'>): boolean => config.budget !== undefined

/** The step that arms both sides. */
export const armId = 'cutover/arm'

/** What must not begin before it. */
const armed = ['cutover/persist-source', 'cutover/persist-target', moveId]

/**
 * The settings as a cutover goes on with them that an earlier run has begun: armed or not, whatever they say by now. What
 * has moved already cannot be armed any more, and what is armed has to be confirmed.
 */
export const asBegun = (config: Config, journal: Pick<Journal, 'entries'>): Config => {
  const { budget, ...rest } = config
  const open = newestFirst(journal, ['cutover'])
  if (open.includes(armId)) return { ...rest, budget: budget ?? defaultBudget }
  return open.some((id) => armed.includes(id)) ? rest : config
}

/** The transient timer and the service that it starts. */
export const timerName = 'swapctl-putback'

/** Those of the target alone, for the moment in which both sides have the addresses. */
export const halfName = `${timerName}-half`

/** Seconds after which the target finds out whether the source has let go: far longer than that takes. */
export const halfTime = 10

/** Runs the script at boot, before the network is there: a transient timer does not outlive the power. */
export const bootName = 'swapctl-putback-boot'

/** The target's timer fires first: who then still answers for the addresses has been confirmed. */
export const margin = 4

/** Everything that a machine must know to put its part of a cutover back by itself. */
export interface PutBack {
  readonly side: Side
  /** seconds from arming to putting back */
  readonly budget: number
  readonly places: readonly Place[]
  /** the network files that the cutover changes: as they were, and as they will be */
  readonly files: readonly { readonly before: FileState; readonly after: string }[]
  /** what has to read them */
  readonly readers: readonly Reader[]
  /** kernel settings as they have to be once put back: 'net/ipv4/conf/all/arp_ignore=1' */
  readonly settings: readonly string[]
  /** MAC addresses of the other side */
  readonly peers: readonly string[]
}
