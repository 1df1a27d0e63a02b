#!/usr/bin/env node
import { SwapError } from './errors.ts'
import { program } from './program.ts'
import { asJson, forTerminal } from './text/printable.ts'

/** The one place that prints an error: 0 done, 1 a step failed or a proof found something, 2 usage or a refusal. */
const main = async (): Promise<number> => {
  try {
    await program.parseAsync()
    // A command that has printed what it found says by itself that it is not well.
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (isUsage(error)) return error.exitCode === 0 ? 0 : 2
    const { message, where, next, exitCode, details } = error instanceof SwapError ? error : mistake(error)
    if (program.opts<{ json?: boolean }>().json === true)
      process.stdout.write(`${asJson({ error: message, where, next, ...details })}\n`)
    process.stderr.write(`${forTerminal(`swapctl: ${where}: ${message}\n${next}`)}\n`)
    return exitCode
  }
}

/** What nobody thought of is told with where it came from; its words may be anything, too. */
const mistake = (error: unknown): SwapError =>
  new SwapError(
    'swapctl',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    'This is a bug in swapctl: please report it.',
  )

const isUsage = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')

// Whoever reads along may leave (a terminal closed, `head`): the swap goes on, or stops as it does otherwise.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const code = await main()
// What was told to stop may have left questions open: nothing of them is to go on. On Linux all is printed by now.
if (code === 0) process.exitCode = code
else process.exit(code)
