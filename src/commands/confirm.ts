import { createInterface, type Interface } from 'node:readline/promises'
import { refuse } from '../errors.ts'
import type { Options } from './session.ts'

/** Ctrl-C and Ctrl-D at the prompt count as an answer; otherwise they would end the process and leave its lock. */
const leftAlone = (terminal: Interface, word: string): Promise<never> =>
  new Promise((_, reject) => {
    const leave = () => reject(refuse(word, 'the question was not answered', 'Nothing was changed'))
    terminal.once('SIGINT', leave)
    terminal.once('close', leave)
  })

/** Asks the operator to type the word. `--yes` types it for them; without a terminal the command is refused. */
export const confirm = async (word: string, options: Options): Promise<void> => {
  if (options.yes === true) return
  if (!process.stdin.isTTY) throw refuse(word, 'there is no terminal to ask for confirmation', `Add --yes to confirm`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const typed = (
      await Promise.race([terminal.question(`Type ${word} to continue: `), leftAlone(terminal, word)])
    ).trim()
    if (typed !== word) throw refuse(word, `you typed '${typed}', not '${word}'`, 'Nothing was changed')
  } finally {
    terminal.close()
  }
}
