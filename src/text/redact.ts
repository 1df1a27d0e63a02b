import { hidden } from './hidden.ts'
import { withoutRows } from './rows.ts'
import { secretName, withoutKnown } from './secrets.ts'

type Rule = (text: string) => string

const single = String.raw`'(?:[^'\\]|\\[\s\S]|'')*'`
const double = String.raw`"(?:[^"\\]|\\[\s\S])*"`
/** One shell word made of pieces with different quoting: 'it'"'"'s' */
const word = String.raw`(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\.|[^\s'"\\;])+`
/** Indentation, possibly with a comment sign, before an option. */
const margin = String.raw`[ \t]*(?:#[ \t]*)?`

/** Hides a value whose name says that it is a secret: groups are before, name, between, value. */
const named =
  (pattern: RegExp, by = hidden): Rule =>
  (text) =>
    text.replace(pattern, (all: string, before: string, name: string, between: string, value: string) =>
      secretName.test(name) && /\w/.test(value.replaceAll(hidden, '')) ? `${before}${name}${between}${by}` : all,
    )

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

/** rabbit://nova:x@10.0.0.4:5672,nova:y@10.0.0.5:5672// within other text: from the first user to the last @ of the word. */
const urlPasswords: Rule = (text) =>
  text.replace(/[^\s'"]+/g, (part) => {
    const end = part.lastIndexOf('@')
    for (let at = part.indexOf('://'); at >= 0 && at < end; at = part.indexOf('://', at + 3)) {
      const user = /[:/@]/g
      user.lastIndex = at + 3
      const stop = user.exec(part)
      if (stop?.[0] === ':' && /[a-z\d+.-]/i.test(part[at - 1] ?? ''))
        return `${part.slice(0, stop.index + 1)}${hidden}${part.slice(end)}`
    }
    return part
  })

/** Programs that take a password glued to -p, and the options of curl that hold a secret. */
const commandLines: Rule = (text) =>
  text.replace(/^.*\b(?:mysql|mariadb|sshpass|xtrabackup|innobackupex|curl)\w*\b.*$/gm, (line) =>
    line
      .replace(new RegExp(String.raw`(?<=\s)(-p)(?!\[REDACTED\])(${word})`, 'g'), `$1${hidden}`)
      .replace(/(?<=\s)('-p)[^']+(?=')/g, `$1${hidden}`)
      .replace(/(\bsshpass\s+-p\s+)\S+/g, `$1${hidden}`)
      .replace(/(\s'?(?:-u|-U|--user|--proxy-user)(?:'?[ =])?['"]?[^\s:'"-][^\s:'"]*:)[^\s'"]+/g, `$1${hidden}`),
  )

const rules: readonly Rule[] = [
  withoutRows,
  // A setting whose value is a URL: up to the last @ of the line, because a password may contain anything.
  always(new RegExp(String.raw`^(${margin}[\w-]+[ \t]*=[ \t]*[a-z][\w+.-]*:\/\/[^/:@\n]*:).*@`, 'gim'), `$1${hidden}@`),
  urlPasswords,
  // headers: Authorization: Bearer x, X-Auth-Token: x
  always(/(\bAuthorization['"]?\s*[:=]\s*['"]?(?:[A-Za-z]+[ \t]+)?)[^\s'"\\,]+/gi, `$1${hidden}`),
  always(/(\bX-(?:Auth|Subject|Service|Storage)-Token['"]?\s*[:=]\s*['"]?)[^\s'"\\]+/gi, `$1${hidden}`),
  always(/(\bBearer[ \t]+)[\w.~+/=-]{16,}/g, `$1${hidden}`),
  commandLines,
  // keepalived's auth_pass x, ifupdown's wpa-psk x, redis' requirepass x
  always(
    /^([ \t]*(?:auth_pass|wpa-psk|wpa-password|wpa-wep-key\d|wireless-key|requirepass|masterauth)[ \t]+)\S.*$/gm,
    `$1${hidden}`,
  ),
  // a quoted shell word: '--password=two words'
  named(/('-{0,2})([\w-]+)(=)((?:[^']|'\\'')*)(?=')/g),
  // "auth_password": "x", and the same inside a JSON string
  named(/(\\")([\w-]+)(\\"\s*:\s*)(\\"(?:[^\\]|\\\\(?:\\["\\]|[^\\]))*\\")/g, `\\"${hidden}\\"`),
  named(new RegExp(String.raw`(["'])([\w-]+)(["']\s*:\s*)(${double}|${single})`, 'g'), `"${hidden}"`),
  sqlPasswords,
  // password = x to the end of the line; export OS_PASSWORD=x to the end of the word
  named(new RegExp(String.raw`^(${margin})([\w-]+)([ \t]*[=:][ \t]*)(\S.*)$`, 'gm')),
  named(new RegExp(String.raw`(^|[^\w-])(-{0,2}[\w-]+)(=)(${word})`, 'gm')),
  named(new RegExp(String.raw`(^|[^\w-])(-{0,2}[\w-]+)(\s*=\s*)(${single}|${double})`, 'gm')),
  named(/(^|[^\w-])(-{0,2}[\w-]+)(=)([^\s'"]+)/gm),
  named(/((?<![\w-]))(--[\w-]+)(\s+)([^\s-]\S*)/g),
  always(/(\b(?:add_user|change_password)\s+\S+\s+)\S+/g, `$1${hidden}`),
  // provider_auth of a cinder volume: CHAP name secret
  always(/(\bCHAP\s+\S+\s+)[^\s'"\\]+/g, `$1${hidden}`),
  // keys of ceph
  always(/(?<![\w+/=])AQ[\w+/]{36}==/g, hidden),
  // by their form: MariaDB's hash, crypt's hashes, private keys, fernet tokens, fernet keys
  always(/\*[0-9A-F]{40}\b/g, hidden),
  always(/\$(?:2[aby]|5|6|y|pbkdf2-sha\d+)\$[\w./$+=-]{20,}/g, hidden),
  always(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden),
  always(/\bgAAAA[\w-]{40,}=*/g, hidden),
  always(/(?<![\w+/=-])[\w-]{43}=(?![\w+/=-])/g, hidden),
]

/**
 * Everything that swapctl prints or writes down passes through here. It hides known secrets by value, then others by
 * name or form, and rows quoted in server errors. Runs in linear time.
 */
export const redact = (text: string): string => rules.reduce((rest, rule) => rule(rest), withoutKnown(text))

/** Replacer for JSON.stringify: redacts each string before it is serialised, so that the result is still JSON. */
export const redactStrings = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? redact(value) : value
