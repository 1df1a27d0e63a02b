/** What became of one option of a file, and why. `from` and `to` are for reading: secrets are masked in them. */
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
}

export type Fate = 'kept' | 'renamed' | 'merged' | 'rewritten' | 'dropped' | 'unknown' | 'packaged-removed' | 'added'

const secretNames =
  /pass(word|wd|phrase)?$|secret|credentials?$|^chap_|(^|_)(connection|transport_url|token|kek)$|(access|auth|shared|encryption|fixed|private|store|swift|customer|hmac)_keys?$/

/** Options that hold a secret, by their name, for where no metadata says it. */
export const isSecretName = (name: string): boolean => secretNames.test(name) && !/^(send|allow|use)_/.test(name)

/** A value as it may be printed: of a URL everything before the host is hidden, any other secret wholly. */
export const masked = (value: string, secret: boolean): string => {
  const url = value.replace(/:\/\/.*@/s, '://***@')
  return secret && !/^["']?[a-z][a-z0-9+.-]*:\/\//i.test(value) ? '***' : url
}
