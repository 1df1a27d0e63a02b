import type { Argv, HostName, SideMachine } from '../hosts/host.ts'

export const phases = ['prepare', 'migrate', 'cutover', 'finish'] as const
export type Phase = (typeof phases)[number]

/** A program on a machine. `again`: exit codes that mean "run me once more" (online_data_migrations: 1). */
export interface Remote {
  readonly on: HostName
  readonly argv: Argv
  readonly stdin?: string
  readonly again?: readonly number[]
  /** it may end with any exit code of its own: what follows cures what it refuses, or nothing depends on it */
  readonly mayRefuse?: true
  /** seconds */
  readonly limit?: number
}

/** Plain JSON: printed by the plan, performed by the runner, journalled and replayed when it is an undo. */
export type Action =
  | (Remote & {
      readonly kind: 'exec'
      /** stdin holds secrets: never printed */
      readonly secret?: boolean
      /**
       * asked now and then while it runs: prints 'PERCENT WORDS'. The program may then take as long as this changes; its
       * limit is that of silence
       */
      readonly watch?: Remote
    })
  | {
      readonly kind: 'pipe'
      readonly from: Remote
      readonly to: Remote
      /** what flows, for the progress line: 'nova, 1.2 GB' */
      readonly what: string
      /** expected uncompressed bytes, when known, for the time left */
      readonly bytes?: number
      /** asked now and then while it flows: prints how many of `bytes` have arrived and, if it likes, how many rows */
      readonly measure?: Remote
    }
  | {
      readonly kind: 'write'
      readonly on: HostName
      readonly path: string
      /** octal, '0640' */
      readonly mode: string
      /** 'nova:nova'; root:root when absent */
      readonly owner?: string
      readonly content: string
      /** the content holds secrets: the plan prints it redacted */
      readonly secret?: boolean
    }
  | { readonly kind: 'remove'; readonly on: HostName; readonly path: string }
  | {
      readonly kind: 'sql'
      readonly on: SideMachine
      readonly database?: string
      readonly statements: readonly string[]
      readonly secret?: boolean
    }
  | {
      readonly kind: 'fixup'
      readonly on: 'target'
      readonly database: string
      readonly fixup: string
      readonly args: Readonly<Record<string, string>>
    }

export type Of<Kind extends Action['kind']> = Extract<Action, { readonly kind: Kind }>

/** Reads, never changes. */
export type Ask<T> = () => Promise<T>

/** Something that was seen and is kept in the state directory: a file here, 0600, whole or not at all. */
export interface Kept {
  /** absolute, on the operator's machine */
  readonly path: string
  /** what it will hold; throws SwapError when what was seen cannot be right. Reads only: the runner writes */
  readonly ask: (progress?: (text: string) => void) => Promise<string>
}

export interface Step {
  /** 'SERVICE/import': the journal's key, never renamed */
  readonly id: string
  readonly phase: Phase
  /** 'Import nova_api, nova_cell0, nova' */
  readonly title: string
  /** ids of steps that must be done before this one begins; steps of an earlier phase are always before */
  readonly after: readonly string[]
  readonly service?: string
  /** why there is nothing to do, when the machine already is as this step would leave it */
  readonly done?: Ask<string | undefined>
  /**
   * the machines that its actions, those of its undo, and what it keeps may change. The runner refuses an action on any
   * other, before it begins
   */
  readonly changes: readonly HostName[]
  readonly run: Ask<readonly Action[]>
  /**
   * asked after the actions, beginning with turn 1: whether they are to be performed once more. For what has to be done
   * until everybody has seen it; throws SwapError when that takes too long
   */
  readonly again?: (turn: number, progress?: (text: string) => void) => Promise<boolean>
  /** asked after the actions and written here, before `proof`; a step that was broken off asks all of them anew */
  readonly keeps?: readonly Kept[]
  /** asked before `run`, journalled before anything changes */
  readonly undo: Ask<readonly Action[]>
  /** why there is no undo although the source is changed; without it the runner refuses such a step */
  readonly noWayBack?: string
  /** steps (with nothing to undo) whose work is no longer to be trusted once this one was broken off: they are run again first */
  readonly spoils?: readonly string[]
  /** asked after `run`: what was seen, as one line ('118 tables, 20413 rows equal'); throws SwapError when the step did not do it */
  readonly proof?: (
    progress?: (text: string) => void,
    /** names what could not be done on a machine beside the two sides: it stops nothing, and is kept for the operator */
    left?: (text: string) => void,
  ) => Promise<string>
}

export type Plan = readonly Step[]

/** What a preflight check found. A block stops the command with exit code 2; a warning is printed. */
export interface Finding {
  readonly id: string
  readonly level: 'block' | 'warn'
  readonly says: string
  readonly remedy: string
}

export const nothing: Ask<readonly Action[]> = async () => []

export const exec = (on: HostName, ...argv: Argv): Action => ({ kind: 'exec', on, argv })
