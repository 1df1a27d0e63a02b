import type { Argv, HostName, SideMachine } from '../hosts/host.ts'

export const phases = ['prepare', 'rehearse', 'stage', 'migrate', 'cutover', 'finish'] as const
export type Phase = (typeof phases)[number]

/** A phase for which no other one waits, and whose steps are repeated as often as the operator likes. */
export const isOptional = (phase: Phase): boolean => phase === 'stage' || phase === 'rehearse'

/** Whether every step of one phase must be done before a step of another begins. */
export const precedes = (first: Phase, then: Phase): boolean =>
  phases.indexOf(first) < phases.indexOf(then) && !isOptional(first)

/** A program on a machine. `again`: exit codes that mean "run it again" (online_data_migrations: 1). */
export interface Remote {
  readonly on: HostName
  readonly argv: Argv
  readonly stdin?: string
  readonly again?: readonly number[]
  /** any exit code is accepted: later steps repair what it refuses, or nothing depends on it */
  readonly mayRefuse?: true
  /** seconds */
  readonly limit?: number
}

/** Plain JSON: the plan prints it, the runner performs it, and an undo is journalled and replayed. */
export type Action =
  | (Remote & {
      readonly kind: 'exec'
      /** stdin holds secrets: never printed */
      readonly secret?: boolean
      /**
       * runs at intervals meanwhile and prints 'PERCENT WORDS'. As long as that changes the program may go on; its
       * limit then applies to silence
       */
      readonly watch?: Remote
    })
  | {
      readonly kind: 'pipe'
      readonly from: Remote
      readonly to: Remote
      /** the second program's output is the first one's input: they talk, and end when the first one does */
      readonly talk?: true
      /** label of the progress line: 'nova, 1.2 GB' */
      readonly what: string
      /** expected uncompressed size in bytes, when known, for the time left */
      readonly bytes?: number
      /** bytes per second at most; 0 or absent: no limit */
      readonly rate?: number
      /** runs at intervals meanwhile and prints how many of `bytes` have arrived and, optionally, how many rows */
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
      /** brings the target's copy of a database up to date: only rows that differ are carried */
      readonly kind: 'follow'
      readonly on: 'target'
      /** the machine that is read */
      readonly from: SideMachine
      readonly database: string
      readonly charset: string
      readonly collation: string
      /** the copy's name */
      readonly into: string
      /** bytes of the source's database, about */
      readonly bytes: number
      /** how many chunks are compared side by side */
      readonly parallel: number
      /** bytes sent per second at most, compressed; 0 or absent: no limit */
      readonly rate?: number
      /** nothing writes to the source: what then happens to the right copy, and what instead when it cannot be used */
      readonly frozen?: { readonly right: readonly Action[]; readonly otherwise: readonly Action[] }
    }
  | {
      readonly kind: 'fixup'
      readonly on: 'target'
      readonly database: string
      readonly fixup: string
      readonly args: Readonly<Record<string, string>>
    }

export type Of<Kind extends Action['kind']> = Extract<Action, { readonly kind: Kind }>

/** A question: reads, never changes. */
export type Ask<T> = () => Promise<T>

/** Something observed that is kept in a file of the state directory (0600, written atomically). */
export interface Kept {
  /** absolute, on the operator's machine */
  readonly path: string
  /** the file's content; throws SwapError when the observation cannot be right. Reads only: the runner writes */
  readonly ask: (progress?: (text: string) => void) => Promise<string>
}

export interface Step {
  /** 'SERVICE/import': the key in the journal, never renamed */
  readonly id: string
  readonly phase: Phase
  /** 'Import nova_api, nova_cell0, nova' */
  readonly title: string
  /** ids of steps that must be done first; steps of an earlier phase always are, unless it is optional */
  readonly after: readonly string[]
  readonly service?: string
  /**
   * about how long it lasts, where that is many seconds: among the steps that could begin, the one with the longest way
   * to the end begins first. 1 when absent
   */
  readonly seconds?: number
  /** why there is nothing to do, when the machine is already in the wanted state; else undefined */
  readonly done?: Ask<string | undefined>
  /** for a done step: whether its result, which a boot or another program may remove, still exists; see `renew` */
  readonly stands?: Ask<boolean>
  /**
   * the machines that its actions, its undo and what it keeps may change. The runner refuses any other before the step
   * begins
   */
  readonly changes: readonly HostName[]
  readonly run: Ask<readonly Action[]>
  /**
   * asked after the actions, `turn` counting from 1: whether to perform them once more. For actions that are repeated
   * until every machine has reacted; throws SwapError when that takes too long
   */
  readonly again?: (turn: number, progress?: (text: string) => void) => Promise<boolean>
  /** asked and written after the actions and before `proof`; an interrupted step asks for all of them again */
  readonly keeps?: readonly Kept[]
  /** asked before `run`, journalled before anything changes */
  readonly undo: Ask<readonly Action[]>
  /** why there is no undo although the step changes the source; without it the runner refuses such a step */
  readonly noWayBack?: string
  /**
   * ids of steps (with nothing to undo) whose result is not trusted after this one was interrupted: they run again
   * first
   */
  readonly spoils?: readonly string[]
  /**
   * asked after `run`: what it verified, in one line ('118 tables, 20413 rows equal'); throws SwapError when the step
   * had no effect
   */
  readonly proof?: (
    progress?: (text: string) => void,
    /**
     * receives what could not be done on a machine of neither side: it stops nothing and is journalled for the operator
     */
    left?: (text: string) => void,
  ) => Promise<string>
}

export type Plan = readonly Step[]

/** What a check found. A block stops the command with exit code 2; a warning is printed. */
export interface Finding {
  readonly id: string
  readonly level: 'block' | 'warn'
  readonly says: string
  readonly remedy: string
}

export const nothing: Ask<readonly Action[]> = async () => []

export const exec = (on: HostName, ...argv: Argv): Action => ({ kind: 'exec', on, argv })
