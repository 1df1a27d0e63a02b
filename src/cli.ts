#!/usr/bin/env node
import { redact, redactStrings } from './engine/redact.ts'
import { SwapError } from './errors.ts'
import { program } from './program.ts'

/** The one place that prints an error and sets the exit code: 0 done, 1 a step failed, 2 usage or a refusal. */
const main = async (): Promise<number> => {
  try {
    await program.parseAsync()
    return 0
  } catch (error) {
    if (isUsage(error)) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof SwapError)) throw error
    if (program.opts<{ json?: boolean }>().json === true)
      process.stdout.write(
        `${JSON.stringify({ error: error.message, where: error.where, next: error.next }, redactStrings)}\n`,
      )
    process.stderr.write(`${redact(`swapctl: ${error.where}: ${error.message}\n${error.next}`)}\n`)
    return error.exitCode
  }
}

const isUsage = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')

process.exitCode = await main()
