import type { Duplex } from 'node:stream'
import { type AuthMethod, Client, type ServerHostKeyAlgorithm } from 'ssh2'
import type { Machine } from '../config.ts'
import { refuse, SwapError } from '../errors.ts'
import { Agent, keyText } from './agent.ts'
import { fingerprint, keyKinds } from './hostkey.ts'
import type { Login } from './keys.ts'
import { disagreement, disagreementText } from './offers.ts'
import { jumpWords, place } from './place.ts'
import { askDetour, detourRemedy } from './ssh-config.ts'

/** Opens a connection to a machine's sshd, through a jump host. */
export type Way = () => Promise<Duplex>

/** Throws the best explanation of a failed handshake or connection, after asking both sides for the reason. */
const explain = async (machine: Machine, error: unknown, by: Way | undefined): Promise<never> => {
  const cause = error instanceof SwapError ? error.cause : undefined
  if (!(error instanceof SwapError) || !(cause instanceof Error) || !('level' in cause)) throw error
  const { level } = cause as { level?: string }
  if (level === 'handshake' && cause.message.includes('no matching')) {
    const found = await disagreement(machine.host, machine.port, await by?.())
    if (found !== undefined) throw refuse(place(machine), ...disagreementText(found), error)
  }
  const way =
    by !== undefined || level === 'client-authentication' ? undefined : await askDetour(machine.host, machine.port)
  throw way === undefined ? error : refuse(place(machine), `${error.message}; ${way}`, detourRemedy, error)
}

const whyNot = (machine: Machine, login: Login, error: Error & { level?: string }): SwapError => {
  const agent = login instanceof Agent ? login : undefined
  if (error.level === 'agent')
    return refuse(
      place(machine),
      `the ssh agent at ${agent?.path} does not sign: ${error.message}`,
      'Look at what it holds (ssh-add -l), and confirm what it asks; the key must stay in it as long as swapctl runs.',
      error,
    )
  if (/Too many authentication failures/i.test(error.message) && agent !== undefined)
    return refuse(
      place(machine),
      `the machine allows fewer attempts (MaxAuthTries) than the ssh agent at ${agent.path} has keys (${agent.keys?.length})`,
      'Set `key` to the public key of the right one (FILE.pub): the agent is then asked for that one only.',
      error,
    )
  if (error.level === 'client-authentication')
    return refuse(
      place(machine),
      agent === undefined
        ? `the machine does not accept the key ${machine.key}`
        : `the machine accepts no key of the ssh agent at ${agent.path}: ${agent.keys?.map(keyText).join(', ')}`,
      `Add its public half to ~${machine.user}/.ssh/authorized_keys there, or set another key in the settings.`,
      error,
    )
  return refuse(
    place(machine),
    `no connection: ${error.message}`,
    `Check that the machine is up and that ssh ${jumpWords(machine)} works from here.`,
    error,
  )
}

/**
 * One attempt with one list of host key algorithms: the connection, or the fingerprint that was offered instead of the
 * pinned one.
 */
const attempt = (
  machine: Machine,
  login: Login,
  algorithms: readonly ServerHostKeyAlgorithm[],
  sock: Duplex | undefined,
): Promise<{ client: Client } | { offered: string }> =>
  new Promise((resolve, reject) => {
    const client = new Client()
    let offered: string | undefined
    const hostVerifier = (key: Buffer): boolean => {
      const seen = fingerprint(key)
      if (seen !== machine.hostKey) offered = seen
      return seen === machine.hostKey
    }
    // Stays attached as long as the connection lives: an unhandled 'error' would end the process.
    client.on('error', (error) => {
      client.destroy()
      if (offered === undefined) reject(whyNot(machine, login, error))
      else resolve({ offered })
    })
    client.on('close', () => reject(whyNot(machine, login, new Error('the connection was closed during login'))))
    client.on('ready', () => resolve({ client }))
    client.connect({
      ...(sock && { sock }),
      host: machine.host,
      port: machine.port,
      username: machine.user,
      authHandler: [methodOf(machine, login)],
      hostVerifier,
      readyTimeout: 15_000,
      // 5 s x (4 + 1): a dead peer is noticed after 25 s.
      keepaliveInterval: 5_000,
      keepaliveCountMax: 4,
      algorithms: { serverHostKey: [...algorithms] },
    })
  })

const methodOf = ({ user: username }: Machine, login: Login): AuthMethod =>
  login instanceof Agent
    ? { type: 'agent', username, ...{ agent: login } }
    : { type: 'publickey', username, ...{ key: login } }

/** The machine has no host key of this kind. */
const lacksKind = (error: unknown): boolean =>
  error instanceof SwapError && error.message.includes('no matching host key')

/**
 * A logged-in ssh connection whose host key is the pinned one, of whichever kind.
 * Throws SwapError (exit 2) when the machine does not answer, offers another key, or refuses our login key.
 */
export const dial = (machine: Machine, login: Login, way?: Way): Promise<Client> =>
  dialAny(machine, login, way).catch((error) => explain(machine, error, way))

const dialAny = async (machine: Machine, login: Login, way: Way | undefined): Promise<Client> => {
  const offers: string[] = []
  let last: unknown
  for (const algorithms of keyKinds) {
    try {
      const answer = await attempt(machine, login, algorithms, await way?.())
      if ('client' in answer) return answer.client
      offers.push(answer.offered)
    } catch (error) {
      if (!lacksKind(error)) throw error
      last = error
    }
  }
  if (offers.length === 0) throw last
  throw refuse(
    place(machine),
    `the host key is not the expected one: expected ${machine.hostKey}, offered ${offers.join(', ')}`,
    'If the machine was reinstalled, compare with `ssh-keygen -lf` on its console and correct `host_key` in the settings; otherwise another machine answers at this address.',
  )
}
