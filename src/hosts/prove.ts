import { randomBytes } from 'node:crypto'
import type { Machine } from '../config.ts'
import { refuse, type SwapError } from '../errors.ts'
import { newEndWord } from './answer.ts'
import { answeredText, lastLines, withoutAnnouncement } from './channel.ts'
import { place } from './place.ts'
import { newPrompt, type Sudo, sudoText } from './sudo.ts'

/** What a machine answered to the first command, however that ended. */
export interface Exchange {
  readonly stdout: string
  readonly stderr: string
  /** undefined: no exit code, or not in time */
  readonly code: number | undefined
}

/**
 * A command with a known answer: the user's number, its own input back, and an exit code that no program has by chance.
 */
export interface Trial {
  readonly text: string
  readonly stdin: string
  readonly word: string
  /** undefined: the login's shell runs it by itself */
  readonly sudo: Sudo | undefined
  readonly prompt: string
}

const exit = 42

export const newTrial = (sudo: Sudo | undefined): Trial => {
  const [word, prompt] = [newEndWord(), newPrompt()]
  const command = { argv: ['sh', '-c', `id -u; cat; exit ${exit}`], limit: 20 } as const
  const text = sudo === undefined ? answeredText(command, word) : sudoText(command, sudo, prompt, word)
  return { text, stdin: `given-${randomBytes(12).toString('hex')}\n`, word, sudo, prompt }
}

const quoted = (text: string): string => JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}...` : text)

const came = ({ stdout, stderr, code }: Exchange): string => {
  const said = lastLines(withoutAnnouncement(stderr).trim(), 3)
  const output = `standard output ${quoted(stdout)}${said === '' ? '' : `, standard error ${quoted(said)}`}`
  return `${output}, ${code === undefined ? 'no exit code' : `exit code ${code}`}`
}

type Mistrust = readonly [what: string, next: string]

const startFiles = 'The start files of the login shell (~/.bashrc, /etc/bash.bashrc, ~/.ssh/rc)'

/** Why a machine's answers cannot be trusted, and what to do; undefined when the known answer came. */
export const mistrust = ({ stdin, word }: Trial, exchange: Exchange, section: string): Mistrust | undefined => {
  const { stdout, code } = exchange
  const mark = `${word}=${exit};`
  const [, before = '', uid] = /^([\s\S]*?)(\d+)\n$/.exec(stdout.split(stdin)[0] ?? '') ?? []
  const complete = stdout.endsWith(`${uid}\n${stdin}${mark}`)
  if (complete && before === '' && code === exit)
    return uid === '0'
      ? undefined
      : [
          `logs in with uid ${uid}, not as root (0), and swapctl needs root there`,
          `If this user may run sudo there, set become = sudo in [${section}] (swapctl init: --become sudo); otherwise set user = root`,
        ]
  if (complete && code === exit)
    return [
      `prints extra text before the output of programs: ${quoted(before)}`,
      `${startFiles} must print nothing when the shell is not interactive`,
    ]
  if (stdout.endsWith(mark) && !stdout.includes(stdin))
    return [
      `consumes the standard input of programs: ${came({ ...exchange, stdout: stdout.replace(mark, '') })}`,
      `${startFiles} must not read standard input when the shell is not interactive`,
    ]
  return [
    `does not behave like a POSIX shell: ${came(exchange)}`,
    'The login shell must be a POSIX one (chsh -s /bin/bash), and the key must not have a forced command (command="..." in authorized_keys, ForceCommand in sshd\'s settings)',
  ]
}

/** An error (exit 2) for a machine that does not give the known answer; it quotes what came instead. */
export const trusted = (machine: Machine, section: string, trial: Trial, exchange: Exchange): SwapError | undefined => {
  const [what, next] = mistrust(trial, exchange, section) ?? []
  return what === undefined || next === undefined ? undefined : refuse(place(machine), what, next)
}
