import type { Finding, Phase } from './step.ts'

/** What a user reads of a check: on the command line, in docs/checks.md, and where it finds something. */
export interface About {
  /** 'target/disk': names its findings; never renamed, operators accept it by name */
  readonly id: string
  /** the worst it can find */
  readonly level: Finding['level']
  /** what must be true, in one line */
  readonly title: string
  /** where a user can look it up: manual page, bug, release note, documentation page, code upstream */
  readonly source: string
  /** one sentence: what happens if it is ignored */
  readonly why: string
  /** what to do; a finding may say it more exactly */
  readonly remedy: string
  /** the commands that ask it first; prepare and migrate when absent */
  readonly before?: readonly Phase[]
}
