import { readFileSync, statSync } from 'node:fs'
import type { ParsedKey } from 'ssh2'
import type { Machine } from '../config.ts'
import { SwapError } from '../errors.ts'
import { registerSecret } from '../text/secrets.ts'
import { parsePrivateKey } from './key-file.ts'
import { type Asked, passwordIn } from './password.ts'
import { place } from './place.ts'

/** How often a passphrase is asked for at the terminal. */
const attempts = 3

/** The keys of one run: each is read once, and its passphrase asked for once, however many machines it opens. */
export interface Keys {
  /** Throws SwapError (exit 2) that names the machine, its section and the key of the settings. */
  of(machine: Machine, section: string): Promise<ParsedKey>
}

interface Wanted {
  readonly machine: Machine
  readonly section: string
  readonly asked: Asked
}

const no = ({ machine, section }: Wanted, key: string, what: string, next: string, final = true): SwapError =>
  new SwapError(place(machine), `[${section}] ${key}: ${what}`, next, { exitCode: 2, final })

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Why nobody can log in with this file, whatever its passphrase. */
export const whyNoKey = (path: string): string | undefined => {
  try {
    if (!statSync(path).isFile()) return `${path} is not a file`
    const found = parsePrivateKey(readFileSync(path))
    if (typeof found === 'string' || 'key' in found) return undefined
    return `${path} is not a private key that swapctl can use: ${found.unusable}`
  } catch (error) {
    return `the ssh key cannot be read: ${message(error)}`
  }
}

const bytesOf = (wanted: Wanted): Buffer => {
  try {
    return readFileSync(wanted.machine.key)
  } catch (error) {
    throw no(
      wanted,
      'key',
      `the ssh key cannot be read: ${message(error)}`,
      'Set `key` to a readable private key',
      false,
    )
  }
}

/** `passphrase`: undefined where none was given. */
const opened = (wanted: Wanted, bytes: Buffer, passphrase?: string): ParsedKey | 'encrypted' | 'wrong' => {
  const found = parsePrivateKey(bytes, passphrase)
  if (typeof found === 'string') return found
  if ('key' in found) return found.key
  const { key } = wanted.machine
  const next = `Set \`key\` to another file, or bring it into OpenSSH's own form, in a copy: ssh-keygen -p -f ${key}`
  throw no(wanted, 'key', `the ssh key ${key} cannot be used: ${found.unusable}`, next)
}

const withFile = (wanted: Wanted, bytes: Buffer, path: string): ParsedKey => {
  const option = 'key_passphrase_file'
  let passphrase: string
  try {
    passphrase = passwordIn(path, 'passphrase')
  } catch (error) {
    throw no(wanted, option, message(error), 'Fix this line of the settings, or the file')
  }
  registerSecret(passphrase)
  const key = opened(wanted, bytes, passphrase)
  if (typeof key !== 'string') return key
  const what = `the passphrase in ${path} is not that of ${wanted.machine.key}`
  throw no(wanted, option, what, 'Write the passphrase of this key into it')
}

const withAnswer = async (wanted: Wanted, bytes: Buffer): Promise<ParsedKey> => {
  const { machine, section, asked } = wanted
  const file = `name a file of mode 0600 that holds it: key_passphrase_file in [${section}] (swapctl init: --key-passphrase-file)`
  if (!asked.there()) {
    const what = `${machine.key} has a passphrase, and there is no terminal to ask for it now`
    throw no(wanted, 'key', what, `Run swapctl at a terminal, or ${file}`)
  }
  for (let left = attempts; left > 0; left -= 1) {
    const passphrase = await asked.password(`Passphrase of ${machine.key}: `)
    if (passphrase === undefined) break
    registerSecret(passphrase)
    const key = opened(wanted, bytes, passphrase)
    if (typeof key !== 'string') return key
    asked.say('This is not its passphrase.')
  }
  throw no(wanted, 'key', `${machine.key} was given no passphrase that opens it`, `Run it again, or ${file}`)
}

const load = async (wanted: Wanted): Promise<ParsedKey> => {
  const bytes = bytesOf(wanted)
  const key = opened(wanted, bytes)
  if (typeof key !== 'string') return key
  const { passphraseFile } = wanted.machine
  return passphraseFile === undefined ? withAnswer(wanted, bytes) : withFile(wanted, bytes, passphraseFile)
}

export const openKeys = (asked: Asked): Keys => {
  const keys = new Map<string, Promise<ParsedKey>>()
  return {
    of: (machine, section) => {
      const id = JSON.stringify([machine.key, machine.passphraseFile])
      const key = keys.get(id) ?? load({ machine, section, asked })
      keys.set(id, key)
      return key
    },
  }
}
