import type { Database } from './services/recipe.ts'

/** What both sides said when they were last asked. Saved by `prepare`; a plan is a pure function of settings and survey. */
export interface Survey {
  readonly version: 1
  /** ISO 8601 */
  readonly at: string
  readonly source: Side
  readonly target: Side
  readonly services: readonly ServiceSurvey[]
}

export interface Side {
  readonly hostname: string
  /** ID and VERSION_ID of os-release: 'debian 11' */
  readonly system: string
  readonly interfaces: readonly Interface[]
  readonly addresses: readonly InterfaceAddress[]
  /** seconds by which this machine's clock was ahead of the operator's */
  readonly clock: number
  /** bytes free where MariaDB keeps its data, bytes of memory */
  readonly diskFree: number
  readonly memory: number
  /** undefined when MariaDB is not installed */
  readonly mariadb: Readonly<Record<string, string>> | undefined
  /** the collation that a charset named alone means to this server: {utf8mb4: 'utf8mb4_general_ci', ...} */
  readonly collations: Readonly<Record<string, string>>
  /** every database that is not the server's own, also those of no service that swapctl knows */
  readonly schemas: readonly { readonly name: string; readonly tables: number }[]
}

export interface Interface {
  readonly name: string
  /** '' where there is none */
  readonly mac: string
  readonly up: boolean
}

export interface InterfaceAddress {
  readonly interface: string
  readonly address: string
  readonly prefix: number
}

export interface ServiceSurvey {
  readonly name: string
  /** release of the installed packages on the source: 'victoria' */
  readonly release: string
  readonly version: string
  /** units active on the source when asked */
  readonly running: readonly string[]
  readonly databases: readonly DatabaseSurvey[]
}

export interface DatabaseSurvey {
  readonly name: string
  readonly repo: Database['repo']
  readonly charset: string
  readonly collation: string
  readonly bytes: number
  readonly tables: number
  /** every version row: ['412'], ['5c85685d616d', 'I38991de2b4'], ['109', 'expand 79', ...] */
  readonly revision: readonly string[]
  /** releases whose revision this is: ['ussuri', 'victoria'] */
  readonly releases: readonly string[]
  /** releases whose code must sync it on the way, target last: ['zed', '2025.1']; [] when no way was found */
  readonly hops: readonly string[]
  /** rows that a later release's migrations refuse, by blocker: they decide which releases the way has to pass */
  readonly blockers?: Readonly<Record<string, number>>
}
