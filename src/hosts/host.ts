import type { Duplex, Readable, Writable } from 'node:stream'

export type SideName = 'source' | 'target'

/**
 * A machine of a side: 'source:ctl1' of [source ctl1]. The side's name alone is its first machine, and the only one of a
 * plain [source]: what is asked or done once for a side is asked or done there.
 */
export type SideMachine<Side extends SideName = SideName> = Side | `${Side}:${string}`

/** The machines of a swap: those of both sides, the operator's own, and each compute by its name in the settings. */
export type HostName = SideMachine | 'local' | `compute:${string}`

/** The side that a machine is of; undefined: of none. */
export const sideOf = (name: HostName): SideName | undefined => {
  const [side] = name.split(':')
  return side === 'source' || side === 'target' ? side : undefined
}

/** Whether a machine is of one of the two sides, or this one: whatever else there is must never hold up a swap. */
export const isSide = (name: HostName): boolean => sideOf(name) !== undefined || name === 'local'

export type Argv = readonly [string, ...string[]]

/**
 * One program run. `limit` is in seconds; when it passes, the program is ended and the run throws, naming the limit. Of a
 * program whose streams are wired the one who wires them knows whether anything moves: it has no limit unless given.
 */
export interface Command {
  readonly argv: Argv
  readonly stdin?: string
  readonly limit?: number
  /** Goes into the program's environment on the machine, so that an interrupted run's programs are found again. */
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

/** Everything swapctl does to a machine goes through these. */
export interface Host {
  readonly name: HostName
  /** A non-zero exit is an answer; a lost connection or a passed limit throws. */
  run(command: Command): Promise<Output>
  /** For dumps and archives: bytes are streamed, never collected. */
  spawn(command: Command): Promise<Job>
  /** A connection to a unix socket on the machine, as root: how MariaDB is reached without a port or a password. */
  socket(path: string): Promise<Duplex>
  close(): Promise<void>
}

export type Hosts = (name: HostName) => Host

/** One word for a POSIX shell. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** The only place where words become shell text. */
export const shell = (argv: readonly string[]): string => argv.map(quote).join(' ')

/** A command as an error names it: a script that came along is left out, its name and arguments say which it was. */
export const brief = (argv: readonly string[]): string => {
  const script = /^(ba)?sh$/.test(argv[0] ?? '') && /^-\w*c$/.test(argv[1] ?? '') && (argv[2] ?? '').includes('\n')
  return script ? `${argv[0]} ${argv[1]} ... ${shell(argv.slice(3))}` : shell(argv)
}
