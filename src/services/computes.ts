import type { Release } from '../releases/release.ts'

/** What controllers of one release need to drive computes of another. */
export interface ComputeRule {
  /** computes of the source release work with a controller of the target release until they are upgraded */
  readonly drivable: boolean
  /** none of the target's controllers starts without [workarounds] disable_compute_service_check_for_ffu = True */
  readonly needsFfuFlag: boolean
  /** value of [upgrade_levels] compute as long as old computes exist */
  readonly pin: string
  readonly reason: string
}

/** Where to configure a service's controllers for computes of an older release, and how. */
export interface OldComputes {
  readonly file: string
  readonly rule: (source: Release, target: Release) => ComputeRule
}
