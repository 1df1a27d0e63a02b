import type { Finding, Phase } from './step.ts'

/** What a user reads about a check: on the command line, in docs/checks.md and with a finding. */
export interface About {
  /** 'target/disk': names its findings; never renamed, operators accept it by name */
  readonly id: string
  /** the worst level it can report */
  readonly level: Finding['level']
  /** what must be true, in one line */
  readonly title: string
  /** where a user can look it up: manual page, bug, release note, documentation page, code upstream */
  readonly source: string
  /** one sentence: what happens if the finding is ignored */
  readonly why: string
  /** what to do; a finding may give a more exact remedy */
  readonly remedy: string
  /** the commands that run it; absent: prepare and migrate */
  readonly before?: readonly Phase[]
}
