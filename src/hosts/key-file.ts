import { createPrivateKey } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'

/** Why a file is no private key that an agent may have the private half of. */
export const isPublic = 'it is a public key'

/** `encrypted`: it needs a passphrase; `wrong`: not this one. */
export type Parsed = { readonly key: ParsedKey } | 'encrypted' | 'wrong' | { readonly unusable: string }

/** PEM and PKCS #8, of which ssh2 reads only a part, and accepts by chance what a wrong passphrase gives. */
const pem = /^-----BEGIN (?:(?:RSA|EC|DSA|ENCRYPTED) )?PRIVATE KEY-----/m

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A PEM key without its passphrase, in the spelling that ssh2 reads. */
const openPem = (bytes: Buffer, passphrase: string | undefined): string => {
  const key = createPrivateKey({ key: bytes, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) })
  const type = key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1'
  return String(key.export({ type, format: 'pem' }))
}

const fromPem = (bytes: Buffer, passphrase: string | undefined): Buffer | Parsed => {
  const encrypted = /ENCRYPTED/.test(bytes.toString('latin1'))
  // OpenSSL would ask by itself.
  if (encrypted && passphrase === undefined) return 'encrypted'
  try {
    return Buffer.from(openPem(bytes, passphrase))
  } catch (error) {
    const other = (error as NodeJS.ErrnoException).code?.startsWith('ERR_CRYPTO_INCOMPATIBLE') === true
    if (other) return { unusable: "swapctl reads this kind of key only in OpenSSH's own form" }
    return encrypted ? 'wrong' : { unusable: message(error) }
  }
}

/** A private key from its file's content: OpenSSH's own form, PEM, PKCS #8 or PuTTY's. */
export const parsePrivateKey = (bytes: Buffer, passphrase?: string): Parsed => {
  if (passphrase === '') return 'wrong'
  const readable = pem.test(bytes.toString('latin1')) ? fromPem(bytes, passphrase) : bytes
  if (!Buffer.isBuffer(readable)) return readable
  const found: ParsedKey | readonly ParsedKey[] | Error = ssh2.utils.parseKey(readable, passphrase)
  const key = Array.isArray(found) ? (found[0] as ParsedKey) : (found as ParsedKey | Error)
  if (!(key instanceof Error)) return key.isPrivateKey() ? { key } : { unusable: isPublic }
  if (key.message.includes('no passphrase given')) return 'encrypted'
  return /bad passphrase|unable to authenticate/i.test(key.message) ? 'wrong' : { unusable: key.message }
}

/** The public half of a key in OpenSSH's own form, which has it in clear; undefined: it is in FILE.pub, if anywhere. */
export const publicHalf = (bytes: Buffer): ParsedKey | undefined => {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(bytes.toString('latin1')) ?? []
  if (body === undefined) return undefined
  const raw = Buffer.from(body, 'base64')
  try {
    let at = 'openssh-key-v1\0'.length
    const next = (): Buffer => {
      const from = at + 4
      at = from + raw.readUInt32BE(at)
      return raw.subarray(from, at)
    }
    for (const _ of ['cipher', 'kdf', 'options']) next()
    at += 4
    return parsePublicKey(next())
  } catch {
    return undefined
  }
}

/** From the content of FILE.pub, or from its bytes; undefined for what is no public key. */
export const parsePublicKey = (bytes: Buffer): ParsedKey | undefined => {
  const found: ParsedKey | readonly ParsedKey[] | Error = ssh2.utils.parseKey(bytes)
  const key = Array.isArray(found) ? (found[0] as ParsedKey) : (found as ParsedKey | Error)
  return key instanceof Error || key.isPrivateKey() ? undefined : key
}
