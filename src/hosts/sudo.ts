import { randomBytes } from 'node:crypto'
import { PassThrough, type Writable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { SwapError } from '../errors.ts'
import { lastLines, pidOf, wordsForSudo } from './channel.ts'
import { brief, type Command, shell } from './host.ts'
import { encode } from './text.ts'

/** How a machine's sudo lets the login become root. */
export interface Sudo {
  /** undefined: it asks for none */
  readonly password: string | undefined
}

/** What sudo is told to ask for the password with: a word that nobody else says. */
export const newPrompt = (): string => `swapctl-password-${randomBytes(12).toString('hex')}`

/** Programs find what they would find with root logged in, and nothing that says who else is. The first word is the connection. */
const asRoot =
  'export SSH_CONNECTION="$1"; shift; umask 022; cd 2>/dev/null || cd /; unset OLDPWD SUDO_COMMAND SUDO_GID SUDO_UID SUDO_USER TERM'

/**
 * As `marking` does, for sudo's shell: what it says of a killed program is dropped, also by dash, which says it where the
 * program's redirections lead unless that is a process of its own from the start.
 */
const around = (word: string | undefined): string => {
  const mark = word === undefined ? '' : `printf '${word}=%d;' "$c"; printf '${word}=%d;' "$c" >&3; `
  return `exec 3>&2 2>/dev/null; ( exec "$@" 2>&3 3>&- ); c=$?; ${mark}exit "$c"`
}

/**
 * What the login's shell is given so that root runs the command; with `word` both outputs end with its mark. `-k`: what
 * sudo remembers of an earlier password counts for nothing, for it would be forgotten in the middle of a swap. `-n`: it
 * fails instead of asking. `-S`: it asks on standard error and reads the answer from standard input, byte by byte, so that
 * what follows is the program's.
 */
export const sudoText = (command: Command, { password }: Sudo, prompt: string, word?: string): string => {
  const asking = password === undefined ? ['-n'] : ['-S', '-p', `${prompt}\n`]
  const sudo = ['sudo', '-k', ...asking, '-H', '-u', 'root', '--', '/bin/sh', '-c', `${asRoot}; ${around(word)}`, 'sh']
  return `exec ${shell(['env', 'LC_ALL=C', ...sudo])} "$SSH_CONNECTION" ${shell(wordsForSudo(command))}`
}

/** Seconds that sudo may take until it has begun a program. */
export const beginning = 60

/**
 * The standard input of a program that sudo begins. Where a password is wanted it is written when sudo asks, and only then;
 * when sudo asks again it was wrong, and gets no further answer. What the program is to read waits until it has begun.
 */
export const inputThrough = (channel: ClientChannel, sudo: Sudo | undefined, prompt: string): Writable => {
  if (sudo?.password === undefined) return channel
  const answer = encode(`${sudo.password}\n`)
  const input = new PassThrough()
  input.on('error', () => {})
  let said = ''
  let begun = false
  let asked = 0
  channel.stderr.on('data', (chunk: Buffer) => {
    if (begun || said.length > 65_536) return
    said += chunk.toString('utf8')
    const times = said.split(prompt).length - 1
    if (times > asked && times === 1) channel.write(answer)
    if (times > 1) channel.end()
    asked = times
  })
  void pidOf(channel).then((pid) => {
    begun = true
    if (pid === undefined) input.destroy()
    else input.pipe(channel)
  })
  channel.on('close', () => input.destroy())
  return input
}

/** What sudo said instead of beginning a program: `asks`: it wants a password; `wrong`: the one it got is not right. */
export type Denial = 'asks' | 'wrong' | readonly [what: string, next: string]

interface Known {
  readonly says: RegExp
  readonly is: (login: string) => Denial
}

const allow = (login: string): string =>
  `Allow it there with visudo: ${login} ALL=(root) ALL, or ${login} ALL=(root) NOPASSWD: ALL`

/** sudo's words in English: sudo(8), and those of sudo-rs. */
const known: readonly Known[] = [
  {
    says: /must have a tty/,
    is: (login) => [
      'sudo there refuses to run without a terminal (requiretty)',
      `Add to its sudoers with visudo: Defaults:${login} !requiretty`,
    ],
  },
  {
    says: /is not in the sudoers file|is not allowed to (?:execute|run)|may not run sudo|I'm sorry/,
    is: (login) => [`sudo there does not let ${login} run every program as root`, allow(login)],
  },
  {
    says: /incorrect password|incorrect authentication|try again|Authentication failed|no password was provided/i,
    is: () => 'wrong',
  },
  { says: /a password is required|interactive authentication is required|a terminal is required/, is: () => 'asks' },
  {
    says: /sudo'?: (?:command not found|not found|No such file)/,
    is: () => ['there is no sudo', 'Install sudo there, or log in as root'],
  },
  {
    says: /(?:setsid|sh|env)'?: (?:.*: )?Permission denied/,
    is: (login) => [
      'sudo there keeps programs from starting others (noexec)',
      `Remove noexec and NOEXEC from its sudoers, or add with visudo: Defaults:${login} !noexec`,
    ],
  },
]

/** Why sudo began nothing, as far as its words are known; undefined: they are not. */
export const denialIn = (stderr: string, login: string): Denial | undefined =>
  known.find(({ says }) => says.test(stderr))?.is(login)

const options = ['log_input', 'log_stdin', 'log_output', 'log_stdout', 'log_stderr'] as const

/**
 * What makes sudo write down what programs read and say, and how that is ended, by `sudo -l` (sudoers(5), I/O LOGGING).
 * Of an option that is there twice the last one counts.
 */
export const recordings = (listed: string, login: string): readonly (readonly [by: string, cure: string])[] => [
  ...options
    .filter((one) => [...listed.matchAll(new RegExp(`(?<![\\w!])!?${one}\\b`, 'g'))].at(-1)?.[0] === one)
    .map((one) => [one, `Defaults:${login} !${one}`] as const),
  ...[...listed.matchAll(/\b(LOG_INPUT|LOG_OUTPUT):(?: [A-Z_]+:)* (?:ALL|(?:\/usr)?\/bin\/sh)\b/g)].map(
    ([, tag = '']) => [tag, `no tag ${tag}`] as const,
  ),
]

/** For a machine that has let swapctl become root before. */
export const notBegun = (where: string, command: Command, stderr: string): SwapError =>
  new SwapError(
    where,
    `sudo did not run ${brief(command.argv)}: ${lastLines(stderr.trim(), 3)}`,
    'Look at what sudo allows there (sudo -l), then run the same command again.',
  )
