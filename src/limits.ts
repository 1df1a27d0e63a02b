/** Time limits in seconds. What exceeds one is killed on its machine, and its step fails. */
export interface Limits {
  /** a command of a step without its own limit: moving a file, creating a volume */
  readonly command: number
  /** one call of a schema tool; data migrations of large clouds take longest */
  readonly schema: number
  /** reading a whole tree, volume or backup for its checksum */
  readonly checksum: number
  /** a transfer or a package manager run without progress; with progress it may take as long as it needs */
  readonly silence: number
  /** one question to a machine: a program whose output is collected, unless it has its own limit */
  readonly question: number
  /** one API answer: a page of a list, a login */
  readonly api: number
}

export const defaultLimits: Limits = {
  command: 900,
  schema: 7200,
  checksum: 43_200,
  silence: 1800,
  question: 300,
  api: 120,
}

/** The defaults, overridden by the settings. */
export const limitsOf = ({ limits }: { readonly limits?: Partial<Limits> }): Limits => ({ ...defaultLimits, ...limits })
