import type { Argv } from '../hosts/host.ts'
import type { FirstMajor } from '../releases/release.ts'
import type { RepoName } from '../releases/repo.ts'
import type { ReleaseName } from '../releases/series.ts'
import type { Bytes } from './bytes.ts'
import type { OldComputes } from './computes.ts'
import type { Held } from './held.ts'
import type { Operation } from './operation.ts'
import type { Register } from './register.ts'
import type { Storage } from './storage.ts'
import type { Tools } from './tools.ts'

/** A database of a service. `repo` names its line of schema revisions in src/releases. */
export interface Database {
  readonly name: string
  readonly repo: RepoName
  /** the section of the service's config file in which its schema tool finds the `connection`; 'database' when absent */
  readonly section?: string
  /** the first release that has it; always when absent */
  readonly since?: ReleaseName
  /** the first release that cannot be without it; `since` when absent */
  readonly needed?: ReleaseName
}

/** One job of a service: its unit's name changes between releases and distributions, so the first that exists is meant. */
export interface Role {
  readonly name: string
  /** takes requests from outside: stopped first at the freeze, while the workers still end what is in flight */
  readonly api?: true
  readonly units: readonly string[]
}

/** A config file of oslo.config's dialect: which namespaces the target's own oslo-config-generator knows it by. */
export interface ConfigFile {
  readonly path: string
  readonly namespaces: readonly string[]
}

/** One schema tool call; run as `user` in the hop's or the target's environment. */
export interface Sync {
  readonly argv: Argv
  /** exit codes that mean "run me once more" */
  readonly again?: readonly number[]
}

/** A service as data: everything swapctl knows of it. If a service needs an `if`, this type needs a field. */
export interface Recipe {
  readonly name: string
  /** services that must have been migrated before: what its own start and its lists need */
  readonly after: readonly string[]
  /**
   * Services whose APIs it calls to end what it has in flight: at the freeze they close after it, and on the way back they
   * start before it. Where two call each other, only the one that does work for a user is named.
   */
  readonly calls: readonly string[]
  /** types in the keystone catalog that this recipe answers for */
  readonly catalog: readonly string[]
  readonly databases: readonly Database[]
  /** jobs on the controller; on the source the units found running are stopped, on the target they are started */
  readonly source: readonly Role[]
  readonly target: readonly Role[]
  /** on computes: its config trees, and the file by which what runs there declares its queues */
  readonly onComputes?: { readonly etc: readonly string[]; readonly queues?: string }
  /** units on the target that are not OpenStack's and that it cannot do without: the iSCSI target server */
  readonly support?: readonly string[]
  /** Debian packages of the target's release */
  readonly packages: readonly string[]
  /** operators' packages that the target gets where the source has them */
  readonly companions?: readonly string[]
  /** Python modules of its project that every service imports */
  readonly modules?: readonly string[]
  /** a package whose version tells the release ('nova-common'), and how the project counts its versions */
  readonly release: { readonly package: string; readonly project: string; readonly first: FirstMajor }
  /** what an operator has to know where the service runs without that package: in another one's, in old releases */
  readonly within?: string
  /** serves volumes over iSCSI from this machine: a session is an operation in flight, its guest writes to the old copy */
  readonly iscsi?: true
  /** config trees: backed up, fingerprinted */
  readonly etc: readonly string[]
  readonly files: readonly ConfigFile[]
  /** what lies on the controller beside databases and settings: keys, images, volumes */
  readonly storage: readonly Storage[]
  /**
   * Config files beside `files` that go over as they are: their directory, the option that puts it elsewhere, and how
   * their names begin.
   */
  readonly copied?: {
    readonly directory: string
    readonly option: readonly [section: string, name: string]
    readonly prefix: string
  }
  readonly user: string
  /** how its schema tools are called, release by release: the oldest entry first */
  readonly tools: readonly Tools[]
  /**
   * Rows by which the tools find another database of the service, where its config does not tell: written into a copy
   * without rows, with the URL of the copy of `leadsTo` in `column`.
   */
  readonly tryRows?: readonly {
    readonly into: string
    readonly table: string
    readonly row: Readonly<Record<string, string>>
    readonly column: string
    readonly leadsTo: string
  }[]
  /**
   * Rows by which the service finds its databases and queues, wherever they lead: before any of its programs runs on the
   * copy they must lead to the target. `settings`: the config file that templates in them are filled in from; `tool`: the
   * program that changes one.
   */
  readonly cells?: { readonly database: string; readonly settings: string; readonly tool: string }
  /** between expand and contract its upgrade keeps triggers in the database */
  readonly triggers?: true
  readonly fixups: readonly string[]
  readonly oldComputes?: OldComputes
  /** issues tokens: what only a good one gets an answer to */
  readonly tokens?: {
    readonly type: string
    readonly path: string
    /** what its credentials are encrypted with */
    readonly credentialKeys: string
  }
  /** the cheapest list that only a good token gets: asked again and again while the addresses move */
  readonly light: { readonly type: string; readonly path: string }
  /** what its database says of operations under way */
  readonly inFlight?: readonly Operation[]
  /** what of it is on computes by itself, and has to be known to its database */
  readonly held?: Held
  /** files of which its rows know size and digest */
  readonly bytes?: Bytes
  /** who reports to it from other machines */
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
   * below the catalog's URL, with the query that shows all projects, and `limit` where the API gives pages; `offset` besides,
   * where it knows no marker and no link
   */
  readonly path: string
  /** the key in the answer that holds the list */
  readonly list: string
  /** the member that names a thing; 'id' when absent */
  readonly id?: string
  /** a cloud may be without it: 404 is an empty list */
  readonly extension?: boolean
  /** members that must be equal before and after */
  readonly fields: readonly string[]
  /** what swapctl makes there for itself is no part of the list */
  readonly own?: { readonly field: string; readonly value: string }
  /** the same of members that nobody may see: of these the SHA-256 is kept */
  readonly secrets?: readonly string[]
}
