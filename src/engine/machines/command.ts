import { SwapError } from '../../errors.ts'
import { lastLines } from '../../hosts/channel.ts'
import { exitText } from '../../hosts/exit.ts'
import { brief, type Command, type Host, type Output } from '../../hosts/host.ts'
import type { Remote } from '../step.ts'

/** Context of one action: where its progress is reported, and the mark its programs carry. */
export interface Setting {
  readonly progress?: (text: string) => void
  /** receives the output of a program that may refuse; reported as progress when absent */
  readonly allowed?: (text: string) => void
  readonly mark?: string
}

/** The command as a host runs it. */
export const command = ({ argv, stdin, limit }: Remote, mark?: string): Command => ({
  argv,
  ...(mark === undefined ? {} : { mark }),
  ...(stdin === undefined ? {} : { stdin }),
  ...(limit === undefined ? {} : { limit }),
})

/** The error for a non-zero exit, with the last lines of output. */
export const failed = (host: Host, argv: Command['argv'], { code, stdout, stderr }: Output): SwapError => {
  const said = lastLines(stderr.trim() === '' ? stdout : stderr)
  return new SwapError(
    host.name,
    `${brief(argv)} ${exitText(code)}${said === '' ? '' : `:\n${said}`}`,
    'Fix the cause and run the same command again.',
  )
}
