export const hidden = '[REDACTED]'

/** Option names whose value is a secret, in OpenStack's files, MariaDB's, and JSON or SQL that carries them. */
const secretName = String.raw`[\w-]*(?:passw(?:or)?d|passphrase|secret(?!s\b)|auth_encryption_key|private_key|encryption_key|memcache_secret_key|master_key|hash_key|api_key|ironic_api_token|admin_token|auth_token_hash|password_hash)[\w-]*`

const rules: readonly (readonly [RegExp, string])[] = [
  // rabbit://nova:p%40ss@10.0.0.4//, mysql+pymysql://nova:p@ss@10.0.0.4/nova: to the last @ before white space, quote or slash
  [/(\b[a-z][\w+.-]*:\/\/[^/\s:@'"]*:)(?:[^\s'",]*)@(?=[\w[.:-]+(?:[/,\s'"]|$))/gi, `$1${hidden}@`],
  // IDENTIFIED BY [PASSWORD] '...', IDENTIFIED VIA mysql_native_password USING '...', PASSWORD('...')
  [
    /(\b(?:IDENTIFIED\s+(?:BY|WITH\s+\w+\s+(?:BY|AS)|VIA\s+\w+\s+(?:USING|AS))(?:\s+PASSWORD)?\s*\(?\s*|PASSWORD\s*\(\s*))(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*")/gi,
    `$1'${hidden}'`,
  ],
  // "auth_password": "...", also with the quotes escaped inside another string
  [
    new RegExp(
      String.raw`(\\?["']${secretName}\\?["']\s*:\s*)(?:\\"(?:[^"\\]|\\\\.)*\\"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')`,
      'gi',
    ),
    `$1"${hidden}"`,
  ],
  // provider_auth of cinder's volumes: CHAP name secret
  [/(\bCHAP\s+\S+\s+)[^\s'"\\]+/g, `$1${hidden}`],
  // password = x, --password=x, memcache_secret_key = x: to the end of the line in a file, of the word in a command
  [new RegExp(String.raw`(^[ \t]*#?[ \t]*${secretName}[ \t]*[=:][ \t]*)(?!\[REDACTED\])\S.*$`, 'gim'), `$1${hidden}`],
  [new RegExp(String.raw`(\b${secretName}=)(?:'[^']*'|"[^"]*"|(?!\[REDACTED\])[^\s'"]+)`, 'gi'), `$1${hidden}`],
  // a native password hash, a bcrypt or sha512-crypt hash, a private key, a fernet token
  [/'?\*[0-9A-F]{40}'?/g, hidden],
  [/\$(?:2[aby]|5|6|y|pbkdf2-sha\d+)\$[\w./$+=-]{20,}/g, hidden],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  [/\bgAAAA[\w-]{40,}=*/g, hidden],
]

/** Everything that swapctl prints or writes down passes here: what is secret by its name or its form is replaced. */
export const redact = (text: string): string => rules.reduce((rest, [what, by]) => rest.replace(what, by), text)

/** For JSON.stringify: redacts the strings before they are written, so that the result stays JSON. */
export const redactStrings = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? redact(value) : value
