import type { SideMachine } from './hosts/host.ts'
import type { RepoName } from './releases/repo.ts'

/** What both sides said when they were last asked. Saved by `prepare`; a plan is a pure function of settings and survey. */
export interface Survey {
  readonly version: 1
  /** ISO 8601 */
  readonly at: string
  /** the first machine of each side */
  readonly source: Side
  readonly target: Side
  /** every machine of the source, the first included; not in a survey that an older swapctl made */
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
  /** seconds that this may be wrong by; nothing is known of it in a survey that an older swapctl made */
  readonly clockWithin?: number
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

/** What one machine of a side said of itself and of the clusters that it is in. */
export interface Member {
  readonly name: SideMachine
  readonly side: Side
  /** service units that ran when asked */
  readonly running: readonly string[]
  /** undefined: no MariaDB, or one that is in no cluster */
  readonly galera?: Galera
  /** undefined: no RabbitMQ that answers */
  readonly broker?: Broker
  /** trees of files that services keep there, by path */
  readonly trees: Readonly<Record<string, StoredTree>>
  /** clients other than root that were connected to its MariaDB */
  readonly clients: number
}

/** What a member of a Galera cluster says of it: SHOW GLOBAL STATUS LIKE 'wsrep_%'. */
export interface Galera {
  /** wsrep_cluster_state_uuid: the same on every member */
  readonly cluster: string
  /** wsrep_cluster_status: 'Primary', or it serves nobody */
  readonly status: string
  /** wsrep_local_state_comment: 'Synced', or it lags or gives its data to another */
  readonly state: string
  readonly ready: boolean
  readonly size: number
  /** '10.0.0.11:3306' of each member that has told one */
  readonly addresses: readonly string[]
}

/** What a node of RabbitMQ says of its cluster. */
export interface Broker {
  /** 'rabbit@ctl1' */
  readonly nodes: readonly string[]
  readonly running: readonly string[]
  /** nodes that this one has lost although they run */
  readonly partitioned: readonly string[]
}

export interface StoredTree {
  readonly files: number
  /** bytes */
  readonly bytes: number
  /** what is mounted there: '/dev/vda1', 'nas:/images' */
  readonly from: string
  /** of every file's size and name below the path; where it is 1 MiB at most, of what is in them too */
  readonly sum: string
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
  readonly repo: RepoName
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
