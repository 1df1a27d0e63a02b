import { SwapError } from '../../errors.ts'
import { lastLines } from '../../hosts/channel.ts'
import { exitText } from '../../hosts/exit.ts'
import { brief, type Command, type Host, type Output } from '../../hosts/host.ts'
import type { Remote } from '../step.ts'

/** Around one action: where its progress is told, and the mark that its programs carry. */
export interface Setting {
  readonly progress?: (text: string) => void
  /** told what a program that may refuse said; as progress when absent */
  readonly allowed?: (text: string) => void
  readonly mark?: string
}

/** What a machine is given to run. */
export const command = ({ argv, stdin, limit }: Remote, mark?: string): Command => ({
  argv,
  ...(mark === undefined ? {} : { mark }),
  ...(stdin === undefined ? {} : { stdin }),
  ...(limit === undefined ? {} : { limit }),
})

/** A program's exit that is no success, with the last it said. */
export const failed = (host: Host, argv: Command['argv'], { code, stdout, stderr }: Output): SwapError => {
  const said = lastLines(stderr.trim() === '' ? stdout : stderr)
  return new SwapError(
    host.name,
    `${brief(argv)} ${exitText(code)}${said === '' ? '' : `:\n${said}`}`,
    'Fix the cause and run the same command again.',
  )
}
