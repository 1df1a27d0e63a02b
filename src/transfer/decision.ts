import { secretName } from '../text/secrets.ts'

/** What became of one option of a file, and why. `from` and `to` are for display: secrets are masked. */
export interface Decision {
  readonly file: string
  readonly section: string
  readonly option: string
  readonly fate: Fate
  readonly from?: string
  readonly to?: string
  readonly reason: string
  /** an operator should look at this one */
  readonly look?: true
  /** the target cannot do what the value asks for: what to do before the swap */
  readonly stops?: string
}

/**
 * pinned: the old release's default is written; default: not set, and the new release's default differs; set: by the
 * operator
 */
export type Fate =
  | 'kept'
  | 'renamed'
  | 'merged'
  | 'rewritten'
  | 'dropped'
  | 'unknown'
  | 'packaged-removed'
  | 'added'
  | 'pinned'
  | 'default'
  | 'set'

/** For option names only: elsewhere a word such as 'connection' is no sign of a secret. */
const optionNames = /secret|credentials?$|^chap_|(^|_)(connection|transport_url|kek)$|(auth|customer)_keys?$/

/** Options that hold a secret, by name, when no metadata says so. */
export const isSecretName = (name: string): boolean =>
  (optionNames.test(name) || secretName.test(name)) && !/^(send|allow|use|enable)_|_uuid$/.test(name)

// Only a broker's URL names several hosts; a password in it cannot contain a raw comma, slash or @.
const broker = /^(["']?(?:rabbit|amqp|kombu|kafka|qpid)[a-z0-9+.-]*:\/\/)([^/?#]*)([^@]*)$/is

/** Without what stands between the first :// and the last @. */
const withoutLogin = (value: string): string => {
  const [begins, ends] = [value.indexOf('://'), value.lastIndexOf('@')]
  return begins < 0 || ends < begins ? value : `${value.slice(0, begins)}://***${value.slice(ends)}`
}

/** A value for printing: URLs lose what precedes each host, other secrets are hidden completely. */
export const masked = (value: string, secret: boolean): string => {
  if (secret && !/^["']?[a-z][a-z0-9+.-]*:\/\//i.test(value)) return '***'
  const [, scheme, hosts = '', rest] = broker.exec(value) ?? []
  if (scheme === undefined) return withoutLogin(value)
  const login = hosts.includes('@')
  const hide = (host: string): string => (login ? `***@${host.includes('@') ? host.split('@').at(-1) : '***'}` : host)
  return `${scheme}${hosts.split(',').map(hide).join(',')}${rest}`
}
