import { lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { HostName, Output } from '../hosts/host.ts'
import { limiter } from '../hosts/limiter.ts'

interface Machine {
  readonly answers: Map<string, Promise<Output>>
  readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>
}

/** Answers of the machines, kept for one run of the checks by its context. */
const memory = new WeakMap<Context, Map<HostName, Machine>>()

/** Programs run at once on one machine: sshd limits sessions and new connections (MaxSessions, MaxStartups). */
const atOnce = 3

const machineOf = (context: Context, name: HostName): Machine => {
  const machines = memory.get(context) ?? new Map<HostName, Machine>()
  memory.set(context, machines)
  const machine = machines.get(name) ?? { answers: new Map(), inTurn: limiter(atOnce) }
  machines.set(name, machine)
  return machine
}

/**
 * Asks a machine a question only once, however many checks need the answer. Undefined when the program is missing or
 * fails. Throws SwapError when the connection is lost, or when a program that swapctl sends (over stdin) breaks off:
 * its silence would look like no findings.
 */
export const once = async <T>(context: Context, name: HostName, question: Question<T>): Promise<T | undefined> => {
  const { argv, stdin, parse, codes = [] } = question
  const { answers, inTurn } = machineOf(context, name)
  const key = JSON.stringify([argv, stdin])
  const asked =
    answers.get(key) ?? inTurn(() => context.hosts(name).run({ argv, ...(stdin === undefined ? {} : { stdin }) }))
  answers.set(key, asked)
  const { code, stdout, stderr } = await asked
  if (code === 0 || codes.includes(code)) return parse(stdout)
  if (stdin !== undefined && code !== notThere) throw brokenOff(name, code, stderr)
  return undefined
}

/** A shell's exit code for a program that does not exist. */
const notThere = 127

const brokenOff = (name: HostName, code: number, stderr: string): SwapError =>
  new SwapError(
    name,
    `the program that asks there exited ${code}: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    'Run swapctl check again; when it stays so, see whether python3 works there',
  )

export const sides = ['source', 'target'] as const

export const computes = ({ config }: Context): readonly HostName[] =>
  config.computes.map(({ name }) => `compute:${name}` as const)

export const machines = (context: Context): readonly HostName[] => [...sides, ...computes(context)]

/** Asks each of these machines in parallel and joins the findings. */
export const each = async <Name extends HostName>(
  names: readonly Name[],
  look: (name: Name) => Promise<readonly string[]>,
): Promise<readonly string[]> => (await Promise.all(names.map(look))).flat()

/**
 * Every readable file at or below these paths, by path; links are followed, missing paths left out. `pattern`: only
 * matching lines.
 */
export const texts = (
  paths: readonly string[],
  endings: readonly string[] = [],
  pattern = '',
): Question<ReadonlyMap<string, string>> => ({
  argv: ['grep', '-RsaHZ', ...endings.map((ending) => `--include=*${ending}`), '-E', pattern, '--', ...paths],
  codes: [1, 2],
  parse: textsOf,
})

/** Parses `grep -HZ`: path, NUL, line. */
export const textsOf = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const line of lines(text)) {
    const at = line.indexOf('\0')
    if (at > 0) found.set(line.slice(0, at), `${found.get(line.slice(0, at)) ?? ''}${line.slice(at + 1)}\n`)
  }
  return found
}
