import type { Argv } from '../hosts/host.ts'
import type { FirstMajor } from '../releases/release.ts'
import type { RepoName } from '../releases/repo.ts'
import type { ReleaseName } from '../releases/series.ts'
import type { Agent, PlaceOption } from './agent.ts'
import type { Bytes } from './bytes.ts'
import type { OldComputes } from './computes.ts'
import type { Held } from './held.ts'
import type { Operation } from './operation.ts'
import type { Register } from './register.ts'
import type { Sealed } from './sealed.ts'
import type { Storage } from './storage.ts'
import type { Tools } from './tools.ts'

/** A database of a service. `repo`: its line of schema revisions (releases.ts). */
export interface Database {
  readonly name: string
  readonly repo: RepoName
  /** the section of the service's config file where its schema tool finds `connection`; 'database' when absent */
  readonly section?: string
  /** the first release that has it; absent: all have it */
  readonly since?: ReleaseName
  /** the first release that requires it; `since` when absent */
  readonly needed?: ReleaseName
}

/**
 * A role of a service: its unit's name differs between releases and distributions, so the first existing name counts.
 */
export interface Role {
  readonly name: string
  /** takes external requests: stopped first at the freeze, while workers finish what is in flight */
  readonly api?: true
  readonly units: readonly string[]
}

/** A config file in oslo.config's format, with its namespaces for the target's oslo-config-generator. */
export interface ConfigFile {
  readonly path: string
  readonly namespaces: readonly string[]
}

/** A call of a schema tool, as `user`, in the hop's or the target's environment. */
export interface Sync {
  readonly argv: Argv
  /** exit codes that mean "run it again" */
  readonly again?: readonly number[]
}

/** A service's programs on computes. */
export interface OnComputes {
  readonly etc: readonly string[]
  /** the file in which its processes there declare their queues */
  readonly queues?: string
  readonly agents: readonly Agent[]
  /** options, besides those that all services share, that lead its agents to the controllers */
  readonly places: readonly PlaceOption[]
  /** keys of Open vSwitch's external_ids that name a database server */
  readonly switchKeys?: readonly string[]
}

/** All data on one service. If a service needs an `if`, this type needs a field. */
export interface Recipe {
  readonly name: string
  /** services to migrate first: its start and its lists need them */
  readonly after: readonly string[]
  /**
   * Services whose APIs it calls to finish what it has in flight: at the freeze they close after it, and at a revert
   * they start before it. If two call each other, only the one that does a user's work counts.
   */
  readonly calls: readonly string[]
  /** catalog types that this recipe serves */
  readonly catalog: readonly string[]
  readonly databases: readonly Database[]
  /** roles on the controller; on the source those that run are stopped, on the target they are started */
  readonly source: readonly Role[]
  readonly target: readonly Role[]
  /** on computes */
  readonly onComputes?: OnComputes
  /** units on the target outside OpenStack that it needs: the iSCSI target server */
  readonly support?: readonly string[]
  /** Debian packages of the target's release */
  readonly packages: readonly string[]
  /** operators' packages, installed on the target if the source has them */
  readonly companions?: readonly string[]
  /** Python modules of its project that every service imports */
  readonly modules?: readonly string[]
  /** a package whose version identifies the release ('nova-common'), and the project's numbering */
  readonly release: { readonly package: string; readonly project: string; readonly first: FirstMajor }
  /** for the operator: where the service runs without that package (in another one's, in old releases) */
  readonly within?: string
  /**
   * exports volumes over iSCSI from this machine: a session counts as an operation in flight, because its guest writes
   * to the old copy
   */
  readonly iscsi?: true
  /** config trees: backed up, fingerprinted */
  readonly etc: readonly string[]
  readonly files: readonly ConfigFile[]
  /** data on the controller besides databases and settings: keys, images, volumes */
  readonly storage: readonly Storage[]
  /**
   * Config files besides `files` that are copied unchanged: their directory, the option that changes it, and the
   * beginning of their names.
   */
  readonly copied?: {
    readonly directory: string
    readonly option: readonly [section: string, name: string]
    readonly prefix: string
  }
  readonly user: string
  /** how to call its schema tools, by release, oldest entry first */
  readonly tools: readonly Tools[]
  /**
   * Rows by which the tools find another of the service's databases, if its config does not name it. A copy without
   * rows gets `row`, with the URL of the copy of `leadsTo` in `column`. In a rehearsal's copy the row with the same
   * `key` leads there, and all others to the copy of `others`; both get `blank`, which leads nowhere.
   */
  readonly tryRows?: readonly {
    readonly into: string
    readonly table: string
    readonly row: Readonly<Record<string, string>>
    readonly column: string
    readonly leadsTo: string
    readonly key: string
    readonly others: string
    readonly blank: Readonly<Record<string, string>>
  }[]
  /**
   * Rows by which the service finds its databases and queues: before any of its programs runs on the copy they must
   * lead to the target. `settings`: the config file that fills their templates; `tool`: the program that changes them.
   */
  readonly cells?: { readonly database: string; readonly settings: string; readonly tool: string }
  /** between expand and contract its upgrade keeps triggers in the database */
  readonly triggers?: true
  readonly fixups: readonly string[]
  readonly oldComputes?: OldComputes
  /** issues tokens: a request that only a valid one may make */
  readonly tokens?: {
    readonly type: string
    readonly path: string
    /** the keys that encrypt its credentials */
    readonly credentialKeys: string
  }
  /** rows that only its own code can read, with a key from its settings */
  readonly sealed?: Sealed
  /** its cheapest list that needs a valid token: called repeatedly while the addresses move */
  readonly light: { readonly type: string; readonly path: string }
  /** queries for operations under way */
  readonly inFlight?: readonly Operation[]
  /** what computes hold of it, and its database must know */
  readonly held?: Held
  /** files whose size and digest are in its rows */
  readonly bytes?: Bytes
  /** agents on other machines that report to it */
  readonly reports?: Register
  /** lists whose content the swap must not change */
  readonly inventory: readonly Inventory[]
}

/** A list of an API, as the admin of the openrc file sees it. */
export interface Inventory {
  /** 'security groups' */
  readonly what: string
  /** type in the keystone catalog */
  readonly type: string
  /**
   * below the catalog's URL, with the query for all projects, and `limit` where the API has pages; also `offset` where
   * it has neither markers nor links
   */
  readonly path: string
  /** the key of the list in the answer */
  readonly list: string
  /** the member that identifies a resource; 'id' when absent */
  readonly id?: string
  /** that member is a link, whose last part is the id: the rest of it may name either controller */
  readonly linked?: true
  /** optional in a cloud: 404 means an empty list */
  readonly extension?: boolean
  /** members that must stay equal */
  readonly fields: readonly string[]
  /** resources that swapctl itself created are left out of the list */
  readonly own?: { readonly field: string; readonly value: string }
  /** further members, kept only as SHA-256 because they are secret */
  readonly secrets?: readonly string[]
}
