import { createPrivateKey } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'

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
  if (!(key instanceof Error)) return key.isPrivateKey() ? { key } : { unusable: 'it is a public key' }
  if (key.message.includes('no passphrase given')) return 'encrypted'
  return /bad passphrase|unable to authenticate/i.test(key.message) ? 'wrong' : { unusable: key.message }
}
