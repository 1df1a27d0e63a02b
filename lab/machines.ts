import { execa } from 'execa'
import { labScript, netnsOf } from './place.ts'

export type MachineName = 'source' | 'target' | 'compute'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string
  /** seconds; 120 when absent */
  readonly limit?: number
}

/** Runs a program here; a non-zero exit code is returned, a passed limit throws. */
export const run = async (argv: readonly string[], options: RunOptions = {}): Promise<Ran> => {
  const [program = '', ...words] = argv
  const limit = options.limit ?? 120
  const done = await execa(program, words, {
    reject: false,
    input: options.stdin ?? '',
    // Bash with a socket as input would read ~/.bashrc unless SHLVL says that it is nested.
    env: { SHLVL: '2' },
    timeout: limit * 1000,
    stripFinalNewline: false,
    maxBuffer: 200_000_000,
  })
  if (done.timedOut) throw new Error(`${argv.join(' ')}: not done after ${limit} s`)
  return { code: done.exitCode ?? 255, stdout: done.stdout, stderr: done.stderr }
}

const success = async (argv: readonly string[], options: RunOptions): Promise<string> => {
  const { code, stdout, stderr } = await run(argv, options)
  if (code !== 0) throw new Error(`${argv.slice(2).join(' ').slice(0, 300)} ended with ${code}: ${stderr.trim()}`)
  return stdout
}

/** Runs a program inside a machine, not through ssh, and returns its output. Throws unless the exit code is 0. */
export const inside = (machine: MachineName, argv: readonly string[], options: RunOptions = {}): Promise<string> =>
  success(['bash', labScript, 'exec', machine, ...argv], options)

/** The same, whatever the exit code. */
export const tryInside = (machine: MachineName, argv: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  run(['bash', labScript, 'exec', machine, ...argv], options)

/** Reboots a machine cleanly. */
export const reboot = async (machine: MachineName): Promise<void> => {
  await success(['bash', labScript, 'reboot', machine], { limit: 300 })
}

/** The command line prefix that runs this machine's programs in a namespace of the lab. */
export const namespaceOf = (name: MachineName | 'operator'): readonly string[] => ['ip', 'netns', 'exec', netnsOf(name)]

/** Runs a program of this machine in the network of the operator or of a lab machine. */
export const inNetwork = (
  name: MachineName | 'operator',
  argv: readonly string[],
  options: RunOptions = {},
): Promise<string> => success([...namespaceOf(name), ...argv], options)

/** Rows from a machine's MariaDB, queried there by its own client over the socket. */
export const sql = async (machine: MachineName, question: string): Promise<readonly (readonly string[])[]> => {
  const out = await inside(machine, ['mariadb', '--batch', '--raw', '--skip-column-names'], { stdin: question })
  return linesOf(out).map((line) => line.split('\t'))
}

export const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '')
