import type { ReleaseName } from '../releases/series.ts'

/** A default that changed between releases: what becomes of an option that nobody has set. Names are the newest ones. */
export interface DefaultChange {
  readonly section: string
  readonly option: string
  /** the value and the first release that had it, oldest first; before the first one nothing is said */
  readonly values: readonly (readonly [since: ReleaseName, value: string])[]
  /** what an operator or a user sees of the change */
  readonly why: string
  /** files of the tags at which the values can be looked up */
  readonly source: string
  /** what is kept on the source was made under the old value: it is written, unless the operator decides otherwise */
  readonly pinned?: true
  /** no later release takes the old value: it cannot be written */
  readonly gone?: true
  /** only where the service's file has a value like this */
  readonly when?: readonly [section: string, option: string, value: RegExp]
}

/**
 * The rules of oslo.policy that a service takes from a release on; before there were these options (queens, ussuri) it was so
 * as with false. `source`: where that release says it.
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
