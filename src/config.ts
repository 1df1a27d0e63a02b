import type { Limits } from './limits.ts'

/** Seconds: what the settings say when they say nothing. */
export const defaultBudget = 60

/** Below this a busy machine has not even armed itself in time. */
export const leastBudget = 20
export const mostBudget = 3600

/** The operator's settings, read from swapctl.ini (see `swapctl init`). */
export interface Config {
  /** absolute path of the settings file: named in every complaint */
  readonly file: string
  readonly name: string
  /** absolute; holds journal, lock, survey, reports; 0700 */
  readonly state: string
  /** the release to arrive at: 'epoxy' or '2025.1' */
  readonly release: string
  /** `openrc`: absolute path on the first machine of the source */
  readonly source: SideMachines & { readonly openrc: string }
  readonly target: SideMachines
  /** addresses that move from source to target at the cutover */
  readonly addresses: readonly MovingAddress[]
  /** addresses of the source's own that stay, and the target's address that takes their part: storage portals, bind addresses */
  readonly counterparts: readonly { readonly source: string; readonly target: string }[]
  readonly hops: readonly { readonly release: string; readonly archive: string }[]
  readonly computes: readonly Machine[]
  /** how many steps run side by side */
  readonly parallel: number
  /** those that the operator has set, seconds */
  readonly limits?: Partial<Limits>
  /** seconds from arming to the put-back of a cutover that is not confirmed; undefined: nothing goes back by itself */
  readonly budget?: number
}

/** The machines of one side, in the order of the settings; a side of one machine is a list of length one. */
export interface SideMachines {
  readonly machines: readonly [Machine, ...Machine[]]
}

export interface Machine {
  /** the name in its section: 'ctl1' of [source ctl1], 'cmp1' of [compute cmp1]; 'source' and 'target' of a section without one */
  readonly name: string
  /** the address ssh uses: never one that moves */
  readonly host: string
  readonly port: number
  readonly user: string
  /** absolute path of the private key */
  readonly key: string
  /** 'SHA256:...' as ssh-keygen -lf prints it */
  readonly hostKey: string
}

export interface MovingAddress {
  /** the section's name: 'api' */
  readonly name: string
  /** '10.20.0.10' */
  readonly address: string
  readonly prefix: number
  readonly sourceInterface: string
  readonly targetInterface: string
}
