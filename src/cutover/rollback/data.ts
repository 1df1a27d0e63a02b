import { posix } from 'node:path'
import { type Config, defaultBudget } from '../../config.ts'
import type { Context } from '../../context.ts'
import { type Journal, newestFirst } from '../../engine/journal.ts'
import type { Place } from '../handover/announce.ts'
import { moveId } from '../handover/moves.ts'
import type { Side } from '../keepers/edits.ts'
import type { FileState } from '../keepers/manager.ts'
import type { Reader } from '../keepers/reading.ts'

/** Where a machine keeps its rollback data and state; root only, on a disk that survives a boot. */
export const home = '/var/lib/swapctl-putback'

export const scriptPath = posix.join(home, 'putback.sh')

/** Whether the cutover uses rollback timers: yes, unless `[cutover] budget` is off. */
export const confirms = ({ config }: Pick<Context, 'config'>): boolean => config.budget !== undefined

export const armId = 'cutover/arm'

/** Steps that must not begin before it. */
const armed = ['cutover/persist-source', 'cutover/persist-target', moveId]

/**
 * The settings for a cutover that an earlier run has begun: armed or not as it was then, whatever they say now. What
 * has already moved can no longer be armed, and what is armed must be confirmed.
 */
export const asBegun = (config: Config, journal: Pick<Journal, 'entries'>): Config => {
  const { budget, ...rest } = config
  const open = newestFirst(journal, ['cutover'])
  if (open.includes(armId)) return { ...rest, budget: budget ?? defaultBudget }
  return open.some((id) => armed.includes(id)) ? rest : config
}

/** The transient rollback timer and the service it starts. */
export const timerName = 'swapctl-putback'

/** Timer of the target alone, for the moment in which both sides have the addresses. */
export const halfName = `${timerName}-half`

/** Seconds after which the target asks whether the source has let go, which takes far less. */
export const halfTime = 10

/** Runs the script at boot, before the network is up: a transient timer does not survive a power loss. */
export const bootName = 'swapctl-putback-boot'

/**
 * Seconds between the two timers. The target's fires first, so a target that still answers afterwards was confirmed.
 */
export const margin = 4

/** Everything a machine needs to roll back its part of a cutover by itself. */
export interface PutBack {
  readonly side: Side
  /** seconds from arming to the rollback */
  readonly budget: number
  readonly places: readonly Place[]
  /**
   * network files that the cutover changes: their content before and after. `path` differs from the file's own when the
   * cutover makes a file that replaces it
   */
  readonly files: readonly { readonly before: FileState; readonly path: string; readonly after: string }[]
  /** what must reload them */
  readonly readers: readonly Reader[]
  /** kernel settings after a rollback: 'net/ipv4/conf/all/arp_ignore=1' */
  readonly settings: readonly string[]
  /** MAC addresses of the other side */
  readonly peers: readonly string[]
}
