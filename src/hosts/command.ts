import type { Remote } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { lastLines } from './channel.ts'
import { brief, type Command, type Host, type Output } from './host.ts'

/** Around one action: where its progress is told, and the mark that its programs carry. */
export interface Setting {
  readonly progress?: (text: string) => void
  readonly mark?: string
}

/** What a machine is given to run. */
export const command = ({ argv, stdin, limit }: Remote, mark?: string): Command => ({
  argv,
  ...(mark === undefined ? {} : { mark }),
  ...(stdin === undefined ? {} : { stdin }),
  ...(limit === undefined ? {} : { limit }),
})

/** 'exited 3'; an end that no program chooses by itself is told as what it was. Pure. */
export const exitText = (code: number): string =>
  code === 137
    ? 'was killed (exit 137; out of memory? dmesg tells)'
    : code > 128 && code < 160
      ? `was ended by signal ${code - 128}`
      : `exited ${code}`

/** A program's exit that is no success, with the last it said. */
export const failed = (host: Host, argv: Command['argv'], { code, stdout, stderr }: Output): SwapError => {
  const said = lastLines(stderr.trim() === '' ? stdout : stderr)
  return new SwapError(
    host.name,
    `${brief(argv)} ${exitText(code)}${said === '' ? '' : `:\n${said}`}`,
    'Mend the cause and run the same command again.',
  )
}
