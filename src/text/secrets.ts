import { hidden } from './hidden.ts'
import { loginsFrom } from './loginless.ts'

/**
 * Shorter values and plain words cannot be told from what machines print ('password = password' names a plugin of
 * keystone); the patterns of `redact` find them by the names before them.
 */
const shortest = 6
const isWord = (text: string): boolean => text.length < shortest || (text.length < 16 && /^[a-z._-]*$/.test(text))

const known = new Set<string>()
/** The longest first; undefined: something was registered since they were sorted. */
let longest: readonly string[] | undefined

/** RFC 3986, like `urllib.parse.quote(x, safe='')`: escapes everything but letters, digits and _.-~ */
const percent = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

const escapedInJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** \u escapes for all non-ASCII characters, like Python's json.dumps. */
const ascii = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

/** A secret as it is written in configuration files, URLs, JSON (also JSON within JSON), shells and SQL. */
export const spellings = (secret: string): readonly string[] => {
  const json = escapedInJson(secret)
  return [
    secret,
    encodeURIComponent(secret),
    percent(secret),
    // quote() with its default, and quote_plus()
    percent(secret).replaceAll('%2F', '/'),
    percent(secret).replaceAll('%20', '+'),
    percent(secret).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    json,
    ascii(json),
    escapedInJson(json),
    secret.replaceAll("'", `'\\''`),
    secret.replaceAll("'", `'"'"'`),
    secret.replace(/[\\"$`]/g, '\\$&'),
    secret.replaceAll("'", "''"),
    secret.replace(/[\\']/g, '\\$&'),
    base64(secret),
    base64(secret).replace(/=+$/, ''),
  ]
}

const add = (texts: readonly string[]): void => {
  // A part of the placeholder itself cannot be hidden behind it.
  for (const text of texts.filter((one) => !hidden.includes(one))) known.add(text)
  longest = undefined
}

const sorted = (): readonly string[] => {
  longest ??= [...known].sort((one, other) => other.length - one.length)
  return longest
}

/** From now on `redact` hides this value in all its spellings. Plain words are left alone. */
export const registerSecret = (secret: string | undefined): void => {
  if (secret !== undefined && !isWord(secret.trim())) add(spellings(secret))
}

/** Registers a user's password, and both as in the header of HTTP basic authentication (RFC 7617). */
export const registerLogin = (user: string, password: string): void => {
  registerSecret(password)
  if (!isWord(password)) add([base64(`${user}:${password}`)])
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A list of hosts or a password has fewer commas; with all of them the time would grow with their square. */
const readings = 16

/**
 * rabbit://nova:x@10.0.0.4,nova:y@10.0.0.5/ has two passwords; with a raw comma in one, every possible reading is
 * registered, from each of the first and the last commas on.
 */
const registerUrl = (url: string): void => {
  const at = loginsFrom(url, 0)
  const end = url.lastIndexOf('@')
  if (at < 0 || end < at) return
  for (const part of url.slice(at, end + 1).split('@')) {
    const pieces = part.split(',')
    for (const index of pieces.keys()) {
      if (index >= readings && index < pieces.length - readings) continue
      const [, user = '', password] = /^([^:/]*):(.+)$/s.exec(pieces.slice(index).join(',')) ?? []
      if (password === undefined) continue
      registerLogin(user, password)
      registerLogin(decoded(user), decoded(password))
    }
  }
}

/** Registers the passwords of all connection URLs in a text. */
export const registerUrls = (text: string): void => {
  for (const word of text.split(/[\s"']+/)) registerUrl(word)
}

/** The name of an option, a variable, a column or a JSON member whose value is a secret. */
export const secretName =
  /(?:passw(?:or)?d|pass|passphrase|password_hash|secret|token|(?:encryption|secret|private|fixed|hmac|api|shared|master|memcache_secret|access|store|swift)_?keys?|token_id|(?<![a-z])kek|psk|password_in|[_-]pwd|sst_auth|bindpw|wpa-password|wep-key\d?)$/i

/** Registers the secrets of a settings file: values of options with a secret's name, and passwords in URLs. */
export const registerSettings = (text: string): void => {
  registerUrls(text)
  // A password in a URL may contain blanks and quotes; here it extends to the end of the line.
  for (const [, name = '', rest = ''] of text.matchAll(/^[ \t]*([\w.-]+)[ \t]*[=:][ \t]*(\S.*)$/gm)) {
    const value = rest.trimEnd()
    if (value.includes('://')) registerUrl(value)
    else if (secretName.test(name) && !/^[\w.]+\.[A-Z]\w*$/.test(value)) registerSecret(value)
  }
}

/** For tests: forgets all registered secrets. */
export const forgetSecrets = (): void => {
  known.clear()
  longest = undefined
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Replaces every registered value; text that is already a placeholder is skipped. */
export const withoutKnown = (text: string): string => {
  const present = sorted().filter((secret) => text.includes(secret))
  if (present.length === 0) return text
  const any = new RegExp(present.map(literally).join('|'), 'g')
  return text
    .split(hidden)
    .map((part) => part.replace(any, hidden))
    .join(hidden)
}
