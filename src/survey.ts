import type { SideMachine } from './hosts/host.ts'
import type { RepoName } from './releases/repo.ts'

/** Both sides' answers. Saved by `prepare`; a plan is a pure function of settings and survey. */
export interface Survey {
  readonly version: 1
  /** ISO 8601 */
  readonly at: string
  /** the first machine of each side */
  readonly source: Side
  readonly target: Side
  /** every machine of the source, including the first; absent in surveys made by an older swapctl */
  readonly members?: readonly [Member, ...Member[]]
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
  /** maximum error of that in seconds; absent in surveys made by an older swapctl */
  readonly clockWithin?: number
  /** free bytes where MariaDB keeps its data, bytes of memory */
  readonly diskFree: number
  readonly memory: number
  /** undefined when MariaDB is not installed */
  readonly mariadb: Readonly<Record<string, string>> | undefined
  /** this server's default collation per charset: {utf8mb4: 'utf8mb4_general_ci', ...} */
  readonly collations: Readonly<Record<string, string>>
  /** every database except the server's own, including those of unknown services */
  readonly schemas: readonly { readonly name: string; readonly tables: number }[]
}

/** One machine's answers about itself and its clusters. */
export interface Member {
  readonly name: SideMachine
  readonly side: Side
  /** service units that were running */
  readonly running: readonly string[]
  /** undefined: no MariaDB, or not in a cluster */
  readonly galera?: Galera
  /** undefined: no RabbitMQ that answers */
  readonly broker?: Broker
  /** file trees that services keep there, by path */
  readonly trees: Readonly<Record<string, StoredTree>>
  /** clients other than root that were connected to its MariaDB */
  readonly clients: number
}

/** What a member of a Galera cluster reports: SHOW GLOBAL STATUS LIKE 'wsrep_%'. */
export interface Galera {
  /** wsrep_cluster_state_uuid: the same on every member */
  readonly cluster: string
  /** wsrep_cluster_status: 'Primary', otherwise it serves nothing */
  readonly status: string
  /** wsrep_local_state_comment: 'Synced', otherwise it lags or is a donor */
  readonly state: string
  readonly ready: boolean
  readonly size: number
  /** '10.0.0.11:3306' of each member that reports one */
  readonly addresses: readonly string[]
}

/** What a RabbitMQ node reports about its cluster. */
export interface Broker {
  /** 'rabbit@ctl1' */
  readonly nodes: readonly string[]
  readonly running: readonly string[]
  /** running nodes that this one has lost */
  readonly partitioned: readonly string[]
}

export interface StoredTree {
  readonly files: number
  /** bytes */
  readonly bytes: number
  /** what is mounted there: '/dev/vda1', 'nas:/images' */
  readonly from: string
  /** over every file's size and name below the path; up to 1 MiB also over their content */
  readonly sum: string
}

export interface Interface {
  readonly name: string
  /** '' when there is none */
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
  readonly repo: RepoName
  readonly charset: string
  readonly collation: string
  readonly bytes: number
  readonly tables: number
  /** every version row: ['412'], ['5c85685d616d', 'I38991de2b4'], ['109', 'expand 79', ...] */
  readonly revision: readonly string[]
  /** releases with this revision: ['ussuri', 'victoria'] */
  readonly releases: readonly string[]
  /** releases whose code must sync it on the way, target last: ['zed', '2025.1']; [] when no path was found */
  readonly hops: readonly string[]
  /** rows that a later release's migrations refuse, by blocker: they decide which releases the path must include */
  readonly blockers?: Readonly<Record<string, number>>
}
