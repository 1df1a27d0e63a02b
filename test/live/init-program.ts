import { init } from '../../src/commands/init.ts'
import type { SwapError } from '../../src/errors.ts'

/** `swapctl init` with both sides at one place, by two names, as a process of its own: it can be given a terminal. */
const [place = '', key = '', config = ''] = process.argv.slice(2)
await init({
  source: place,
  target: place.replace('127.0.0.1', 'localhost'),
  key,
  config,
  compute: [],
  release: 'epoxy',
  become: 'sudo',
}).catch((error: SwapError) => {
  process.stderr.write(`${error.where}: ${error.message}\n${error.next}\n`)
  process.exit(error.exitCode)
})
