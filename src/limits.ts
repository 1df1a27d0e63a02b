/** How long things may take: seconds. What hangs is ended on its machine then, and the step fails with its name. */
export interface Limits {
  /** a command of a step that has no limit of its own: a file moved, a volume made */
  readonly command: number
  /** one call of a schema tool; data migrations of large clouds are the longest */
  readonly schema: number
  /** reading all of a tree, a volume or a backup for its checksum */
  readonly checksum: number
  /** a transfer, or a run of the package manager, in which nothing has moved for so long; one that moves may take as long as it needs */
  readonly silence: number
  /** one question to a machine: a program whose output is collected, where nobody said how long it may take */
  readonly question: number
  /** one answer of an API: a page of a list, a login */
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

/** The settings' own where they have them. */
export const limitsOf = ({ limits }: { readonly limits?: Partial<Limits> }): Limits => ({ ...defaultLimits, ...limits })
