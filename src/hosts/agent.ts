import type { Duplex } from 'node:stream'
import ssh2, { type ParsedKey } from 'ssh2'
import { fingerprint } from './hostkey.ts'

/** What `key` is set to where the operator's ssh agent logs in. A file of this name is ./agent. */
export const agentWord = 'agent'

/** Where the operator's agent listens. */
export const agentPath = (): string | undefined => process.env['SSH_AUTH_SOCK'] || undefined

/** Milliseconds that one answer of the agent may take: it may ask its user for a confirmation. */
const patience = 14_000

/** An ssh agent that offers only these keys, and whose answers are not waited for without end. */
export class Agent extends ssh2.OpenSSHAgent {
  readonly path: string
  readonly keys: readonly ParsedKey[] | undefined

  constructor(path: string, keys?: readonly ParsedKey[]) {
    super(path)
    this.path = path
    this.keys = keys
  }

  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    if (this.keys === undefined) super.getIdentities(done as Parameters<ssh2.OpenSSHAgent['getIdentities']>[0])
    else done(undefined, [...this.keys])
  }

  override getStream(done: (error?: Error | null, stream?: Duplex) => void): void {
    super.getStream((error, stream) => {
      const late = setTimeout(() => stream?.destroy(new Error(`no answer in ${patience / 1000} s`)), patience)
      if (stream === undefined) clearTimeout(late)
      stream?.once('close', () => clearTimeout(late))
      done(error, stream)
    })
  }
}

/** The keys that an agent holds, of the kinds that swapctl can use. Rejects with the system's reason. */
export const heldBy = (path: string): Promise<readonly ParsedKey[]> =>
  new Promise((resolve, reject) => {
    new Agent(path).getIdentities((error, keys) => (error ? reject(error) : resolve(keys ?? [])))
  })

/** 'ssh-ed25519 SHA256:... adm@desk' */
export const keyText = (key: ParsedKey): string =>
  `${key.type} ${fingerprint(key.getPublicSSH())}${key.comment === '' ? '' : ` ${key.comment}`}`
