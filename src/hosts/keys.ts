import { readFileSync, statSync } from 'node:fs'
import type { ParsedKey } from 'ssh2'
import type { Machine } from '../config.ts'
import { SwapError } from '../errors.ts'
import { registerSecret } from '../text/secrets.ts'
import { Agent, agentPath, agentWord, heldBy } from './agent.ts'
import { isPublic, parsePrivateKey, parsePublicKey, publicHalf } from './key-file.ts'
import { type Asked, passwordIn } from './password.ts'
import { place } from './place.ts'

/** How often a passphrase is asked for at the terminal. */
const attempts = 3

/** What logs in: a key that swapctl has opened, or the operator's agent with the keys that it offers. */
export type Login = ParsedKey | Agent

/** The keys of one run: each is read once, and its passphrase asked for once, however many machines it opens. */
export interface Keys {
  /** Throws SwapError (exit 2) that names the machine, its section and the key of the settings. */
  of(machine: Machine, section: string): Promise<Login>
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
  if (path === agentWord) return undefined
  try {
    if (!statSync(path).isFile()) return `${path} is not a file`
    const found = parsePrivateKey(readFileSync(path))
    if (typeof found === 'string' || 'key' in found) return undefined
    if (found.unusable === isPublic && agentPath() !== undefined) return undefined
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

/** All keys of the agent, for `key = agent`. */
const fromAgent = async (wanted: Wanted): Promise<Agent> => {
  const path = agentPath()
  const otherwise = 'or set `key` to the file of a private key'
  if (path === undefined) {
    const what = 'the ssh agent is to log in, and SSH_AUTH_SOCK names none'
    throw no(wanted, 'key', what, `Run swapctl where ssh-add -l shows the key (under sudo: sudo -E), ${otherwise}`)
  }
  const keys = await heldBy(path).catch((error: unknown) => {
    const what = `the ssh agent at ${path} (SSH_AUTH_SOCK) does not answer: ${message(error)}`
    throw no(wanted, 'key', what, `Start one and add the key (eval $(ssh-agent); ssh-add FILE), ${otherwise}`)
  })
  if (keys.length > 0) return new Agent(path, keys)
  const what = `the ssh agent at ${path} (SSH_AUTH_SOCK) holds no key that swapctl can use`
  throw no(wanted, 'key', what, `Add one (ssh-add FILE), unlock the agent if it is locked (ssh-add -X), ${otherwise}`)
}

/** The agent with this one key; undefined where it does not hold it. */
const agentWith = async (key: ParsedKey | undefined): Promise<Agent | undefined> => {
  const path = agentPath()
  if (path === undefined || key === undefined) return undefined
  const held = await heldBy(path).catch(() => [])
  const own = held.find((one) => one.getPublicSSH().equals(key.getPublicSSH()))
  return own === undefined ? undefined : new Agent(path, [own])
}

const besideIt = (path: string): ParsedKey | undefined => {
  try {
    return parsePublicKey(readFileSync(`${path}.pub`))
  } catch {
    return undefined
  }
}

const load = async (wanted: Wanted): Promise<Login> => {
  const { key: path, passphraseFile } = wanted.machine
  if (path === agentWord) return fromAgent(wanted)
  const bytes = bytesOf(wanted)
  const named = parsePublicKey(bytes)
  const half = await agentWith(named)
  if (half !== undefined) return half
  if (named !== undefined) {
    const what = `${path} is a public key, and no ssh agent holds its private half`
    throw no(wanted, 'key', what, `Add it to the agent (ssh-add FILE), or set \`key\` to the file of the private key`)
  }
  const key = opened(wanted, bytes)
  if (typeof key !== 'string') return key
  if (passphraseFile !== undefined) return withFile(wanted, bytes, passphraseFile)
  return (await agentWith(publicHalf(bytes) ?? besideIt(path))) ?? withAnswer(wanted, bytes)
}

export const openKeys = (asked: Asked): Keys => {
  const keys = new Map<string, Promise<Login>>()
  return {
    of: (machine, section) => {
      const id = JSON.stringify([machine.key, machine.passphraseFile])
      const key = keys.get(id) ?? load({ machine, section, asked })
      keys.set(id, key)
      return key
    },
  }
}
