import type { Argv } from '../hosts/host.ts'

/** A database of a service. `repo` names its line of schema revisions in src/releases. */
export interface Database {
  readonly name: string
  readonly repo: 'keystone' | 'glance' | 'nova' | 'nova_api' | 'placement' | 'neutron' | 'cinder' | 'heat'
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
  /** services that must have been migrated before */
  readonly after: readonly string[]
  /** types in the keystone catalog that this recipe answers for */
  readonly catalog: readonly string[]
  readonly databases: readonly Database[]
  /** jobs on the controller; on the source the units found running are stopped, on the target they are started */
  readonly source: readonly Role[]
  readonly target: readonly Role[]
  /** units on the target that are not OpenStack's and that it cannot do without: the iSCSI target server */
  readonly support?: readonly string[]
  /** Debian packages of the target's release */
  readonly packages: readonly string[]
  /** a package whose version tells the release: 'nova-common' */
  readonly release: { readonly package: string; readonly project: string }
  /** serves volumes over iSCSI from this machine: a session is an operation in flight, its guest writes to the old copy */
  readonly iscsi?: true
  /** config trees: backed up, fingerprinted */
  readonly etc: readonly string[]
  readonly files: readonly ConfigFile[]
  /** whole trees copied with owner and mode: fernet keys, glance's images */
  readonly trees: readonly { readonly path: string; readonly owner: string; readonly secret?: boolean }[]
  readonly user: string
  /** schema tool calls, in order */
  readonly sync: readonly Sync[]
  /**
   * Given where the tools put the database's URL through an ini file's interpolation without doubling its '%': a password
   * that needs quoting stops them. They then log in as an account made for the call, which needs none.
   */
  readonly plainUrl?: {
    /** oslo.config's environment source: OS_GROUP__OPTION, since stein */
    readonly variable: string
    readonly database: string
  }
  /** data migrations that go with the release, after `sync` */
  readonly online: readonly Sync[]
  readonly fixups: readonly string[]
  /** the file that tells this service's controllers to go on with computes of an older release */
  readonly oldComputes?: string
  /** issues tokens: what only a good one gets an answer to */
  readonly tokens?: {
    readonly type: string
    readonly path: string
    /** what its credentials are encrypted with */
    readonly credentialKeys: string
  }
  /** the cheapest list that only a good token gets: asked again and again while the addresses move */
  readonly light: { readonly type: string; readonly path: string }
  /** lists whose content the swap must not change */
  readonly inventory: readonly Inventory[]
}

/** A list of an API, as the admin of the openrc file sees it. */
export interface Inventory {
  /** 'security groups' */
  readonly what: string
  /** type in the keystone catalog */
  readonly type: string
  /** below the catalog's URL, with the query that shows all projects */
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
