import { createInterface } from 'node:readline/promises'
import { refuse } from '../errors.ts'
import type { Options } from './session.ts'

/** Asks the operator to type the word. `--yes` is the word; without a terminal there is nobody to ask. */
export const confirm = async (word: string, options: Options): Promise<void> => {
  if (options.yes === true) return
  if (!process.stdin.isTTY) throw refuse(word, 'there is no terminal to ask on', `Add --yes to mean it`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const typed = (await terminal.question(`Type ${word} to go on: `)).trim()
    if (typed !== word) throw refuse(word, `'${typed}' was typed instead`, 'Nothing was changed')
  } finally {
    terminal.close()
  }
}
