export const hidden = '[REDACTED]'

/** Names of options, variables, columns and JSON members whose value is a secret. */
const secretName =
  /(?:passw(?:or)?d|pass|passphrase|password_hash|secret|token|(?:encryption|secret|private|fixed|hmac|api|shared|master|memcache_secret)_?keys?)$/i

type Rule = (text: string) => string

const single = String.raw`'(?:[^'\\]|\\.|'')*'`
const double = String.raw`"(?:[^"\\]|\\.)*"`

/** Where the name before a value says that it is a secret, the value goes: groups are before, name, between, value. */
const named =
  (pattern: RegExp, by = hidden): Rule =>
  (text) =>
    text.replace(pattern, (all: string, before: string, name: string, between: string, value: string) =>
      secretName.test(name) && !value.includes(hidden) ? `${before}${name}${between}${by}` : all,
    )

const always =
  (pattern: RegExp, by: string): Rule =>
  (text) =>
    text.replace(pattern, by)

/** A string that a cut statement may have left without its end. */
const literal = String.raw`(?:'(?:[^'\\]|\\.|'')*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$))`

/** IDENTIFIED BY 'x', IDENTIFIED VIA mysql_native_password USING '*...' OR unix_socket, SET PASSWORD = PASSWORD('x') */
const sqlPasswords: Rule = (text) =>
  text.replace(
    new RegExp(String.raw`\b(?:IDENTIFIED|PASSWORD\s*[(=])(?:\s+\w+|\s*[(=)]|\s*${literal})*`, 'gi'),
    (clause) => clause.replace(new RegExp(literal, 'g'), `'${hidden}'`),
  )

/**
 * What a server's error quotes of the rows it refused, and SQLAlchemy of the values it had sent: the data of a cloud's
 * users. To the last quote of the line that can end it, for a value may hold any; one with line ends to the first.
 */
const quotedRows: readonly Rule[] = [
  always(/(\bDuplicate entry )'(?:[^\n]*|[\s\S]*?)'(?= for key\b)/g, `$1'${hidden}'`),
  always(
    /(\bincorrect (?:[\w()]+ ){0,3}value:? )'(?:[^\n]*|[\s\S]*?)'(?= for (?:column|function)\b)/gi,
    `$1'${hidden}'`,
  ),
  always(/(\bincorrect (?:[\w()]+ ){0,3}value:? )'(?!\[)[^\n]*'/gi, `$1'${hidden}'`),
  always(/(\bsyntax to use near )'[\s\S]*?'(?= at line \d)/g, `$1'${hidden}'`),
  always(/(\[parameters: )[^\n]*\]/g, `$1${hidden}]`),
]

const rules: readonly Rule[] = [
  ...quotedRows,
  // A line of settings with a URL: to the last @ of the line, for a password may hold anything.
  always(/^([ \t]*#?[ \t]*[\w-]+[ \t]*=[ \t]*[a-z][\w+.-]*:\/\/[^/:@\n]*:).*@/gim, `$1${hidden}@`),
  // rabbit://nova:x@10.0.0.4:5672,nova:y@10.0.0.5:5672// within other text: to the last @ of the word
  always(/(\b[a-z][\w+.-]*:\/\/[^/\s:@'"]*:)[^\s'"]*@/gi, `$1${hidden}@`),
  // a word quoted as a whole for the shell: '--password=two words'
  named(/('-{0,2})([\w-]+)(=)((?:[^']|'\\'')*)(?=')/g),
  // "auth_password": "x", and the same inside a string of JSON
  named(/(\\")([\w-]+)(\\"\s*:\s*)(\\"(?:\\{3}.|\\\\|[^\\])*?\\")/g, `\\"${hidden}\\"`),
  named(new RegExp(String.raw`(["'])([\w-]+)(["']\s*:\s*)(${double}|${single})`, 'g'), `"${hidden}"`),
  sqlPasswords,
  // password = x to the end of the line; export OS_PASSWORD=x to the end of the word
  named(/^([ \t]*#?[ \t]*)([\w-]+)([ \t]*[=:][ \t]*)(\S.*)$/gm),
  named(new RegExp(String.raw`(^|[^\w-])(-{0,2}[\w-]+)(\s*=\s*)(${single}|${double})`, 'gm')),
  named(/(^|[^\w-])(-{0,2}[\w-]+)(=)([^\s'"]+)/gm),
  named(/()(--[\w-]+)(\s+)([^\s-]\S*)/g),
  always(/(\b(?:add_user|change_password)\s+\S+\s+)\S+/g, `$1${hidden}`),
  // provider_auth of a cinder volume: CHAP name secret
  always(/(\bCHAP\s+\S+\s+)[^\s'"\\]+/g, `$1${hidden}`),
  // by their form: MariaDB's hash, crypt's hashes, private keys, fernet tokens, fernet keys
  always(/\*[0-9A-F]{40}\b/g, hidden),
  always(/\$(?:2[aby]|5|6|y|pbkdf2-sha\d+)\$[\w./$+=-]{20,}/g, hidden),
  always(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$(?![\s\S]))/g, hidden),
  always(/\bgAAAA[\w-]{40,}=*/g, hidden),
  always(/(?<![\w+/=-])[\w-]{43}=(?![\w+/=-])/g, hidden),
]

/** Everything that swapctl prints or writes down passes here: secrets by their name or form, and rows that a server's error quotes. */
export const redact = (text: string): string => rules.reduce((rest, rule) => rule(rest), text)

/** For JSON.stringify: redacts the strings before they are written, so that the result stays JSON. */
export const redactStrings = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? redact(value) : value
