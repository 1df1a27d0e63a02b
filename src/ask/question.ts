import { setTimeout as sleep } from 'node:timers/promises'
import { SwapError } from '../errors.ts'
import { type Argv, brief, type Host } from '../hosts/host.ts'

/** A question to a machine: a program that only reads, and a pure parser of its output. */
export interface Question<T> {
  readonly argv: Argv
  readonly stdin?: string
  readonly parse: (stdout: string) => T
  /** non-zero exit codes that are answers too */
  readonly codes?: readonly number[]
}

/** Asks one machine. Throws SwapError with the program's output when its exit code is not an answer. */
export const ask = async <T>(host: Host, question: Question<T>): Promise<T> => {
  const { argv, stdin, codes = [] } = question
  const output = await host.run({ argv, ...(stdin === undefined ? {} : { stdin }) })
  if (output.code !== 0 && !codes.includes(output.code))
    throw new SwapError(
      host.name,
      `${brief(argv)} exited ${output.code}: ${output.stderr.trim().split('\n').slice(-3).join(' / ')}`,
      `Run it on ${host.name} by hand and fix what it reports; nothing was changed`,
    )
  return question.parse(output.stdout)
}

/** Like `ask`, but undefined when the program is missing (exit 127) or fails. A lost connection still throws. */
export const askMaybe = async <T>(host: Host, question: Question<T>): Promise<T | undefined> => {
  const { argv, stdin, codes = [] } = question
  const output = await host.run({ argv, ...(stdin === undefined ? {} : { stdin }) })
  return output.code === 0 || codes.includes(output.code) ? question.parse(output.stdout) : undefined
}

/** Non-empty lines. */
export const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')

/** Like Promise.all, but reports every failure, not only the first. */
export const together = async <T extends readonly unknown[]>(
  asked: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> => {
  const answers = await Promise.allSettled(asked)
  const failures = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []))
  const [first] = failures
  if (first === undefined) return answers.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T
  const texts = [
    ...new Set(failures.map((one) => (one instanceof SwapError ? `${one.where}: ${one.message}` : one.message))),
  ]
  const remedies = [...new Set(failures.flatMap((one) => (one instanceof SwapError ? [one.next] : [])))]
  throw new SwapError('asking', texts.join('\n  '), remedies.join('\n  '), { cause: first, exitCode: 2 })
}

/**
 * Repeats a question until it returns no complaint or `seconds` have passed: a server needs a moment after its start.
 */
export const settled = async (ask: () => Promise<readonly string[]>, seconds = 20): Promise<readonly string[]> => {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const complaints = await ask()
    if (complaints.length === 0 || Date.now() > end) return complaints
    await sleep(500)
  }
}
