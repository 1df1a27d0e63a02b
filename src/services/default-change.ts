import type { ReleaseName } from '../releases/series.ts'

/** A default that changed between releases: affects options that nobody has set. Names are the newest ones. */
export interface DefaultChange {
  readonly section: string
  readonly option: string
  /** the value and the first release that had it, oldest first; nothing is known before the first entry */
  readonly values: readonly (readonly [since: ReleaseName, value: string])[]
  /** what an operator or a user notices of the change */
  readonly why: string
  /** files and tags that show the values */
  readonly source: string
  /** data on the source was created under the old value, so it is written unless the operator decides otherwise */
  readonly pinned?: true
  /** no later release accepts the old value, so it cannot be written */
  readonly gone?: true
  /** only if the service's file has a matching value */
  readonly when?: readonly [section: string, option: string, value: RegExp]
}

/**
 * The oslo.policy rules that a service enforces from a release on; before these options existed (queens, ussuri) it
 * behaved as with false. `source`: where that release says so.
 */
export const newRules = (since: ReleaseName, source: string): readonly DefaultChange[] => [
  {
    section: 'oslo_policy',
    option: 'enforce_new_defaults',
    values: [
      ['havana', 'false'],
      [since, 'true'],
    ],
    why: 'deprecated rules are in force no more: what a user without the role admin, member or reader could do may be refused',
    source,
  },
  {
    section: 'oslo_policy',
    option: 'enforce_scope',
    values: [
      ['havana', 'false'],
      [since, 'true'],
    ],
    why: "a token of another scope than the rule's is refused: scripts that use system scope or a domain's token need a project's",
    source,
  },
]
