import type { Duplex, Readable, Writable } from 'node:stream'

export type SideName = 'source' | 'target'

/**
 * A machine of a side: 'source:ctl1' is [source ctl1]. The side's name alone means its first machine, which is the only
 * one of a plain [source]. What is asked or done once for a side is asked or done there.
 */
export type SideMachine<Side extends SideName = SideName> = Side | `${Side}:${string}`

/** The machines of a swap: both sides, the operator's own ('local'), and each compute by its name in the settings. */
export type HostName = SideMachine | 'local' | `compute:${string}`

/** The side that a machine belongs to; undefined: neither. */
export const sideOf = (name: HostName): SideName | undefined => {
  const [side] = name.split(':')
  return side === 'source' || side === 'target' ? side : undefined
}

/**
 * Whether a machine belongs to one of the sides or is the operator's own. All other machines must never hold up a swap.
 */
export const isSide = (name: HostName): boolean => sideOf(name) !== undefined || name === 'local'

export type Argv = readonly [string, ...string[]]

/**
 * One program run. `limit` is in seconds; when it passes, the program is killed and the run throws an error that names
 * the limit. A program whose streams the caller wires has no limit unless one is given, because the caller sees whether
 * data moves.
 */
export interface Command {
  readonly argv: Argv
  readonly stdin?: string
  readonly limit?: number
  /** Put into the program's environment on the machine, so that programs of an interrupted run can be found. */
  readonly mark?: string
}

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A running program whose streams are wired by the caller. `exit` rejects when the connection is lost. */
export interface Job {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly exit: Promise<Omit<Output, 'stdout'>>
  kill(): void
}

/** A machine. All of swapctl's work on machines goes through this interface. */
export interface Host {
  readonly name: HostName
  /** A non-zero exit code is returned; a lost connection or a passed limit throws. */
  run(command: Command): Promise<Output>
  /** For dumps and archives: bytes are streamed, never collected. */
  spawn(command: Command): Promise<Job>
  /** A connection to a unix socket on the machine, as root: reaches MariaDB without a port or a password. */
  socket(path: string): Promise<Duplex>
  close(): Promise<void>
}

export type Hosts = (name: HostName) => Host

/** Quotes one word for a POSIX shell. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** The only place that turns words into shell text. */
export const shell = (argv: readonly string[]): string => argv.map(quote).join(' ')

/** A command as an error names it: embedded scripts and other words of several lines are left out. */
export const brief = (argv: readonly string[]): string =>
  argv.map((word) => (word.includes('\n') ? '...' : quote(word))).join(' ')
