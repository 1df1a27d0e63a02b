import type { Release } from '../releases/release.ts'

/** What controllers of one release need to drive computes of another. */
export interface ComputeRule {
  /** computes of the source release work under a controller of the target release, until they are upgraded */
  readonly drivable: boolean
  /** the target's controllers refuse to start without [workarounds] disable_compute_service_check_for_ffu = True, each of them */
  readonly needsFfuFlag: boolean
  /** value of [upgrade_levels] compute while old computes remain */
  readonly pin: string
  readonly reason: string
}

/** Where a service's controllers are told to go on with computes of an older release, and what they have to be told. */
export interface OldComputes {
  readonly file: string
  readonly rule: (source: Release, target: Release) => ComputeRule
}
