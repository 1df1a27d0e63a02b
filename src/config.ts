import type { Limits } from './limits.ts'

/** Seconds; the default of `[cutover] budget`. */
export const defaultBudget = 60

/** Seconds; with less, a busy machine would not even be armed in time. */
export const leastBudget = 20
export const mostBudget = 3600

/** The default of `computes retarget --batch`. */
export const defaultBatch = 50

/** Bytes a second; the default of `[stage] rate`: a copy must not disturb a source that serves. */
export const defaultStageRate = 50_000_000

/** The operator's settings, read from swapctl.ini (see `swapctl init`). */
export interface Config {
  /** absolute path of the settings file, for error messages */
  readonly file: string
  readonly name: string
  /** absolute path; holds journal, lock, survey, reports; mode 0700 */
  readonly state: string
  /** the target release: 'epoxy' or '2025.1' */
  readonly release: string
  /** `openrc`: absolute path on the first machine of the source */
  readonly source: SideMachines & { readonly openrc: string }
  readonly target: SideMachines
  /** addresses that move from source to target at cutover */
  readonly addresses: readonly MovingAddress[]
  /** the source's own addresses that stay, each with its replacement on the target: storage portals, bind addresses */
  readonly counterparts: readonly { readonly source: string; readonly target: string }[]
  readonly hops: readonly HopSetting[]
  readonly computes: readonly Machine[]
  /** how many steps run in parallel */
  readonly parallel: number
  /** limits set by the operator, in seconds */
  readonly limits?: Partial<Limits>
  /** bytes a second that `stage` reads from the source; 0: no limit; undefined: the default */
  readonly stageRate?: number
  /** seconds from arming to the rollback of an unconfirmed cutover; undefined: no automatic rollback */
  readonly budget?: number
  /** whether the settings of computes are rewritten in the course of the cutover */
  readonly retarget?: true
}

/** The forms of a hop environment: the keys of its section, of which it has exactly one. */
export const hopForms = ['archive', 'tree', 'venv'] as const
export type HopFormName = (typeof hopForms)[number]

/** An environment with the schema tools of a release, for all services or for one, in exactly one form. */
export type HopSetting = { readonly release: string; readonly service?: string } & (
  | {
      /** absolute path of a packed root tree on the operator's machine */
      readonly archive: string
    }
  | {
      /** absolute path of a root tree on the target */
      readonly tree: string
    }
  | {
      /** absolute path of a Python environment on the target */
      readonly venv: string
    }
)

/** The machines of one side, in the order of the settings. */
export interface SideMachines {
  readonly machines: readonly [Machine, ...Machine[]]
}

export interface Machine {
  /**
   * the name in its section: 'ctl1' of [source ctl1], 'cmp1' of [compute cmp1]; 'source' and 'target' for a section
   * without one
   */
  readonly name: string
  /** the address used by ssh: never one that moves */
  readonly host: string
  readonly port: number
  readonly user: string
  /** absolute path of the private key, or 'agent': what the operator's ssh agent holds */
  readonly key: string
  /** absolute path of the file that holds the key's passphrase; undefined: the operator is asked, if it has one */
  readonly passphraseFile?: string
  /** 'SHA256:...' as ssh-keygen -lf prints it */
  readonly hostKey: string
  /** the machines that the connection passes through, the first one first; undefined: none */
  readonly jump?: readonly Machine[]
  /** `user` becomes root by sudo; undefined: the login is root's */
  readonly become?: Become
}

export interface Become {
  /** absolute path of the file that holds the password sudo asks for; undefined: the operator is asked, if sudo wants one */
  readonly passwordFile?: string
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
