import type { Duplex } from 'node:stream'
import { Client } from 'ssh2'

/** What each side offered where the two have nothing in common. */
export interface Disagreement {
  /** 'KEX method', 'Host key format', 'C->S cipher' */
  readonly what: string
  readonly here: string
  readonly there: string
}

/** From ssh2's handshake log: the last pair before 'no matching'. */
export const disagreementIn = (said: readonly string[]): Disagreement | undefined => {
  const end = said.findIndex((line) => line.startsWith('Handshake: no matching'))
  const last = (side: string) =>
    said.slice(0, Math.max(end, 0)).findLast((line) => line.startsWith(`Handshake: (${side}) `))
  const [, what = '', here = ''] = /^Handshake: \(local\) ([^:]+): (.*)$/.exec(last('local') ?? '') ?? []
  const [, , there = ''] = /^Handshake: \(remote\) ([^:]+): (.*)$/.exec(last('remote') ?? '') ?? []
  return end < 0 || what === '' ? undefined : { what, here, there }
}

/** `sock`: a connection to the machine through a jump host. Connects again to learn why a handshake failed; undefined when the reason was not a lack of common algorithms. */
export const disagreement = (host: string, port: number, sock?: Duplex): Promise<Disagreement | undefined> => {
  const client = new Client()
  const said: string[] = []
  const asked = new Promise<void>((resolve) => {
    client.on('error', () => resolve())
    client.on('close', () => resolve())
    const debug = (line: string): void => {
      said.push(...line.split('\n'))
    }
    client.connect({
      ...(sock && { sock }),
      host,
      port,
      username: 'root',
      readyTimeout: 10_000,
      hostVerifier: () => false,
      debug,
    })
  })
  return asked.then(() => disagreementIn(said)).finally(() => client.destroy())
}

const setting: Readonly<Record<string, string>> = {
  'KEX method': 'KexAlgorithms',
  'Host key format': 'HostKeyAlgorithms',
}

/** Error text of it, and what the operator should do. */
export const disagreementText = ({ what, here, there }: Disagreement): readonly [what: string, next: string] => {
  const name = setting[what] ?? (what.includes('cipher') ? 'Ciphers' : what.includes('MAC') ? 'MACs' : what)
  return [
    `its sshd and swapctl share no ${what}: it offers ${there}`,
    `Allow one of these by ${name} in its sshd_config, and reload sshd: ${here}`,
  ]
}
