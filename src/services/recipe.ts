import type { Argv } from '../host.ts'

/** A database of a service. `repo` names its line of schema revisions in src/releases. */
export interface Database {
  readonly name: string
  readonly repo: 'keystone' | 'glance' | 'nova' | 'nova_api' | 'placement' | 'neutron' | 'cinder' | 'heat'
}

/** One job of a service: its unit's name changes between releases and distributions, so the first that exists is meant. */
export interface Role {
  readonly name: string
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
  /** Debian packages of the target's release */
  readonly packages: readonly string[]
  /** a package whose version tells the release: 'nova-common' */
  readonly release: { readonly package: string; readonly project: string }
  /** config trees: backed up, fingerprinted */
  readonly etc: readonly string[]
  readonly files: readonly ConfigFile[]
  /** whole trees copied with owner and mode: fernet keys, glance's images */
  readonly trees: readonly { readonly path: string; readonly owner: string; readonly secret?: boolean }[]
  readonly user: string
  /** schema tool calls, in order */
  readonly sync: readonly Sync[]
  /** data migrations that go with the release, after `sync` */
  readonly online: readonly Sync[]
  readonly fixups: readonly string[]
  /** `openstack ... -f json` words whose answer must not change by the swap */
  readonly inventory: readonly { readonly what: string; readonly argv: readonly string[] }[]
}
