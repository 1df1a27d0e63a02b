#!/usr/bin/env node
import { SwapError } from './errors.ts'
import { program } from './program.ts'
import { asJson, forTerminal } from './text/printable.ts'

/**
 * The only place that prints an error. Exit codes: 0 done, 1 a step failed or a proof found a difference, 2 usage or a
 * refusal.
 */
const main = async (): Promise<number> => {
  try {
    await program.parseAsync()
    // A command that has printed its findings sets the exit code itself.
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

/** An unexpected error is shown with its stack; its message may be anything. */
const mistake = (error: unknown): SwapError =>
  new SwapError(
    'swapctl',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    'This is a bug in swapctl: please report it.',
  )

const isUsage = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')

// A closed terminal or `head` must not end the swap.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const code = await main()
// A stopped command may have left questions open, and nothing of them may continue. On Linux all output is written by
// now.
if (code === 0) process.exitCode = code
else process.exit(code)
