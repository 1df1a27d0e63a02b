import { readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { limiter } from './limiter.ts'
import { decode } from './text.ts'

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What such a file holds. */
export type Held = 'password' | 'passphrase'

/** Why this file is no place for a password: it is not there, or others than its owner may read it. */
export const notPrivate = (path: string, held: Held = 'password'): string | undefined => {
  try {
    const found = statSync(path)
    if (!found.isFile()) return `${path} is not a file`
    const mode = (found.mode & 0o7777).toString(8).padStart(4, '0')
    return mode === '0600' ? undefined : `${path} has mode ${mode} and must have 0600: chmod 600 ${path}`
  } catch (error) {
    return `the ${held} cannot be read: ${reason(error)}`
  }
}

/** The only line of a file of mode 0600. Throws an Error that says what is wrong with the file. */
export const passwordIn = (path: string, held: Held = 'password'): string => {
  const why = notPrivate(path, held)
  if (why !== undefined) throw new Error(why)
  const password = decode(readFileSync(path)).replace(/\r?\n$/, '')
  if (password === '' || /[\r\n\0]/.test(password)) throw new Error(`${path} must have one line, the ${held}`)
  return password
}

/** Who is asked for passwords. */
export interface Asked {
  /** Whether somebody can be asked now. */
  there(): boolean
  /** What is typed, without showing it; undefined: the question was left with Ctrl-C or Ctrl-D. One question at a time. */
  password(question: string): Promise<string | undefined>
  say(text: string): void
  /** Nobody is asked any more: what is printed from now on would hide the question. */
  leave(): void
}

const silent = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })

const typed = async (question: string): Promise<string | undefined> => {
  process.stderr.write(question)
  const terminal = createInterface({ input: process.stdin, output: silent(), terminal: true, historySize: 0 })
  const left = new Promise<undefined>((resolve) => {
    terminal.once('SIGINT', () => resolve(undefined))
    terminal.once('close', () => resolve(undefined))
  })
  try {
    return await Promise.race([terminal.question(''), left])
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

/** The operator at the terminal that swapctl was started from. */
export const atTerminal = (): Asked => {
  const inTurn = limiter(1)
  let here = true
  return {
    there: () => here && process.stdin.isTTY === true,
    password: (question) => inTurn(() => typed(question)),
    say: (text) => void process.stderr.write(`${text}\n`),
    leave: () => {
      here = false
    },
  }
}
