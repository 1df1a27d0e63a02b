import { SwapError } from '../../src/errors.ts'
import { program } from '../../src/program.ts'

/** `swapctl` as a process of its own, which says at its end how much memory it took: to be killed, or measured. */
await program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof SwapError)) throw error
  process.stderr.write(`${error.where}: ${error.message}\n${error.next}\n`)
  process.exitCode = error.exitCode
})
process.stdout.write(`peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`)
