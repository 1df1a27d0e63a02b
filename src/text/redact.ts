import { commandLines, word } from './command-lines.ts'
import { hidden } from './hidden.ts'
import { loginless } from './loginless.ts'
import { blocks, nested, tables, tags } from './markup.ts'
import { named, type Rule } from './named.ts'
import { withoutRows } from './rows.ts'
import { withoutKnown } from './secrets.ts'
import { urlPasswords } from './url-passwords.ts'

const single = String.raw`'(?:[^'\\]|\\[\s\S]|'')*'`
const double = String.raw`"(?:[^"\\]|\\[\s\S])*"`
/** Indentation, possibly with a comment sign or the dash of a list, before an option. */
const margin = String.raw`[ \t]*(?:#[ \t]*)?(?:-[ \t]+)?`

const always =
  (pattern: RegExp, by: string): Rule =>
  (text) =>
    text.replace(pattern, by)

/** A string literal, possibly cut off before its closing quote. */
const literal = String.raw`(?:'(?:[^'\\]|\\[\s\S]|\\$|'')*(?:'|$)|"(?:[^"\\]|\\[\s\S]|\\$)*(?:"|$))`

/** IDENTIFIED BY 'x', IDENTIFIED VIA mysql_native_password USING '*...' OR unix_socket, SET PASSWORD = PASSWORD('x') */
const sqlPasswords: Rule = (text) =>
  text.replace(
    new RegExp(String.raw`\b(?:IDENTIFIED|PASSWORD\s*[(=])(?:\s+\w+|\s*[(=)]|\s*${literal})*`, 'gi'),
    (clause) => clause.replace(new RegExp(literal, 'g'), `'${hidden}'`),
  )

const rules: readonly Rule[] = [
  withoutRows,
  // A setting whose value is a URL: up to the last @ of the line, because a password may contain anything.
  always(
    new RegExp(
      String.raw`^(${margin}[\w.-]+[ \t]*[=:][ \t]*["']?[a-z][\w+.-]*:\/\/(?!${loginless})[^/:@\n]*:).*@`,
      'gim',
    ),
    `$1${hidden}@`,
  ),
  urlPasswords,
  // headers: Authorization: Bearer x, X-Auth-Token: x, Cookie: a=x; b=y
  always(/(\bAuthorization['"]?\s*[:=]\s*['"]?(?:[A-Za-z]+[ \t]+)?)[^\s'"\\,]+/gi, `$1${hidden}`),
  always(/(\bX-(?:Auth|Subject|Service|Storage)-Token['"]?\s*[:=]\s*['"]?)[^\s'"\\]+/gi, `$1${hidden}`),
  always(/(\bBearer[ \t]+)[\w.~+/=-]{16,}/g, `$1${hidden}`),
  always(/(?<![\w'"-])((?:Set-)?Cookie:[ \t]*)\S.*/gi, `$1${hidden}`),
  always(/(['"](?:Set-)?Cookie(?:['"]\s*:\s*['"]|:[ \t]*))[^'"\n]+/gi, `$1${hidden}`),
  commandLines,
  // keepalived's auth_pass x, ifupdown's wpa-psk x, redis' requirepass x, nslcd's bindpw x
  always(
    /^([ \t]*(?:auth_pass|wpa-psk|wpa-password|wpa-wep-key\d|wireless-key|requirepass|masterauth|(?:root)?bindpw)[ \t]+)\S.*$/gm,
    `$1${hidden}`,
  ),
  always(/(\{[^{}\n]*\bauth_pass[ \t]+)[^\s{}]+/g, `$1${hidden}`),
  // tgt's targets.conf and ietd.conf
  always(/(\b(?:incominguser|outgoinguser)[ \t]+\S+[ \t]+)(?:"[^"\n]*"|\S+)/gi, `$1${hidden}`),
  tags,
  tables,
  blocks,
  // a quoted shell word: '--password=two words'
  named(/'-{0,2}(?<name>[\w-]+)=/g, /(?:[^']|'\\'')*(?=')/y),
  // "auth_password": "x", 'password': u'x', and the same inside JSON strings
  nested,
  named(/(["'])(?<name>[\w.-]+)["']\s*:\s*/g, new RegExp(`[ubUB]?(?:${double}|${single})`, 'y'), `"${hidden}"`),
  sqlPasswords,
  // password = x to the end of the line; {name: a, password: x} to the comma; export OS_PASSWORD=x to the end of the word
  named(new RegExp(String.raw`^${margin}(?<name>[\w.-]+)[ \t]*[=:][ \t]*(?=\S)`, 'gm'), /.+/y),
  named(
    /[{,][ \t]*(?!pass:[ \t]+\d+,[ \t]*\w+:[ \t]*\d)(?<name>[\w.-]+):[ \t]+/g,
    new RegExp(String.raw`${double}|${single}|[^\s,}\]'"][^,}\n]*`, 'y'),
  ),
  named(/(?<![\w-])-{0,2}(?<name>[\w-]+)=/g, new RegExp(word, 'y')),
  named(/(?<![\w-])-{0,2}(?<name>[\w-]+)\s*=\s*/g, new RegExp(`${single}|${double}`, 'y')),
  named(/(?<![\w-])-{0,2}(?<name>[\w-]+)=/g, /[^\s'"]+/y),
  // noVNC's ?path=%3Ftoken%3Dx
  named(/(?:%(?:25)?3F|%(?:25)?26|[?&])(?<name>[\w-]+)%(?:25)?3D/gi, /(?:(?!%(?:25)?26)[^\s'"&])+/iy),
  always(/(\btemp_url_sig=)[\da-f]+/gi, `$1${hidden}`),
  // provider_auth of a cinder volume: CHAP name secret
  always(/(\bCHAP\s+\S+\s+)[^\s'"\\]+/g, `$1${hidden}`),
  // keys of ceph
  always(/(?<![\w+/=])AQ[\w+/]{36}==/g, hidden),
  // by their form: MariaDB's hash, crypt's hashes, private keys, fernet tokens, fernet keys, JSON web tokens
  always(/\*[0-9A-F]{40}\b/g, hidden),
  always(/\$(?:2[aby]|5|6|y|scrypt|pbkdf2-sha\d+)\$[\w./$+=,-]{20,}/g, hidden),
  always(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden),
  always(/\bgAAAA[\w-]{40,}=*/g, hidden),
  always(/(?<![\w+/=-])[\w-]{43}=(?![\w+/=-])/g, hidden),
  always(/(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, hidden),
]

/**
 * Everything that swapctl prints or writes down passes through here. It hides known secrets by value, then others by
 * name or form, and rows quoted in server errors. Runs in linear time.
 */
export const redact = (text: string): string => rules.reduce((rest, rule) => rule(rest), withoutKnown(text))

/** Replacer for JSON.stringify: redacts each string before it is serialised, so that the result is still JSON. */
export const redactStrings = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? redact(value) : value
