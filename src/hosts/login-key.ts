import { readFileSync, statSync } from 'node:fs'
import ssh2 from 'ssh2'

/** Why nobody can log in with this file; undefined: it is a private key that needs no passphrase. */
export const whyNoKey = (path: string): string | undefined => {
  try {
    if (!statSync(path).isFile()) return `${path} is not a file`
    const found = ssh2.utils.parseKey(readFileSync(path))
    if (found instanceof Error) return `${path} is not a private key that swapctl can use: ${found.message}`
    const [key] = [found].flat()
    return key?.isPrivateKey() === true ? undefined : `${path} is not a private key`
  } catch (error) {
    return `the ssh key cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}
