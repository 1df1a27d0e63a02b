import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { Client, type ServerHostKeyAlgorithm } from 'ssh2'
import { refuse } from '../errors.ts'
import { disagreement, disagreementText } from './offers.ts'
import { askDetour, detourRemedy } from './ssh-config.ts'

/**
 * Host key algorithms by kind of key. A machine has at most one key of each kind, and any of them may be the pinned
 * one.
 */
export const keyKinds: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
]

/** The fingerprint of a key as `ssh-keygen -lf` prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/**
 * Asks a machine for its host key (the first kind it offers) without logging in: 'SHA256:...'.
 * The network could forge the answer: compare the fingerprint before trusting it.
 * `by`: opens a connection to it, through a jump host. Throws SwapError (exit 2) when nothing answers.
 */
export const fetchHostKey = async (host: string, port: number, by?: () => Promise<Duplex>): Promise<string> =>
  askHostKey(host, port, await by?.()).catch(async (error: Error) => {
    const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    if (error.message.includes('no matching')) {
      const found = await disagreement(host, port, await by?.())
      if (found !== undefined) throw refuse(where, ...disagreementText(found), error)
    }
    const way = by === undefined ? await askDetour(host, port) : undefined
    const what = `no ssh server answers: ${error.message}`
    if (way !== undefined) throw refuse(where, `${what}; ${way}`, detourRemedy, error)
    throw refuse(where, what, 'Check address, port and firewall.', error)
  })

const askHostKey = (host: string, port: number, sock: Duplex | undefined): Promise<string> => {
  const client = new Client()
  return new Promise<string>((resolve, reject) => {
    const hostVerifier = (key: Buffer): boolean => {
      resolve(fingerprint(key))
      return false
    }
    client.on('error', reject)
    const algorithms = { serverHostKey: keyKinds.flat() }
    client.connect({
      ...(sock && { sock }),
      host,
      port,
      username: 'root',
      readyTimeout: 10_000,
      hostVerifier,
      algorithms,
    })
  }).finally(() => client.destroy())
}
