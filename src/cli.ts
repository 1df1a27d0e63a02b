#!/usr/bin/env node
import { redact, redactStrings } from './engine/redact.ts'
import { SwapError } from './errors.ts'
import { program } from './program.ts'

/** The one place that prints an error: 0 done, 1 a step failed or a proof found something, 2 usage or a refusal. */
const main = async (): Promise<number> => {
  try {
    await program.parseAsync()
    // A command that has printed what it found says by itself that it is not well.
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (isUsage(error)) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof SwapError)) throw error
    if (program.opts<{ json?: boolean }>().json === true)
      process.stdout.write(
        `${JSON.stringify({ error: error.message, where: error.where, next: error.next, ...error.details }, redactStrings)}\n`,
      )
    process.stderr.write(`${redact(`swapctl: ${error.where}: ${error.message}\n${error.next}`)}\n`)
    return error.exitCode
  }
}

const isUsage = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')

process.exitCode = await main()
