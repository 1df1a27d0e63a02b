/** What an agent's connection is for. */
export type Use =
  | 'queue'
  | 'cache'
  | 'identity'
  | 'API'
  | 'database'
  | 'metadata'
  | 'console'
  | 'coordination'
  | 'ovsdb'

/** A program of a service on other machines than the controllers. */
export interface Agent {
  /** as its program is called */
  readonly name: string
  /** its unit is named differently by distributions */
  readonly units: readonly string[]
  /** the files that it reads, in this order, when its command line names none */
  readonly files: readonly string[]
  /** traffic that its restart may cut, in words: it is restarted only if the operator says so */
  readonly cuts?: string
}

/** Options that name a place to connect to. */
export interface PlaceOption {
  /** '*': in every section */
  readonly section: string
  /** separated by blanks */
  readonly options: string
  readonly use: Use
  /** every value counts, not only the last one */
  readonly multi?: true
  /** only values that begin like this: others are numbers, or secret */
  readonly begins?: string
  /** not read while one of these options is set, which are separated by blanks */
  readonly unless?: string
}

/** Options of the libraries that all services share; the first entry that fits an option counts. */
export const commonPlaces: readonly PlaceOption[] = [
  { section: '*', options: 'transport_url', use: 'queue' },
  // oslo_messaging/_drivers/impl_rabbit.py: used only while the URL names no host
  { section: '*', options: 'rabbit_hosts', use: 'queue', unless: 'transport_url' },
  { section: '*', options: 'rabbit_host', use: 'queue', unless: 'transport_url rabbit_hosts' },
  { section: '*', options: 'memcached_servers memcache_servers', use: 'cache' },
  // 'url:10.0.0.11:11211', for dogpile.cache
  { section: 'cache', options: 'backend_argument', use: 'cache', multi: true, begins: 'url:' },
  { section: 'coordination', options: 'backend_url', use: 'coordination' },
  { section: '*', options: 'auth_url www_authenticate_uri auth_uri identity_uri auth_host', use: 'identity' },
  { section: '*', options: 'connection sql_connection slave_connection', use: 'database' },
  { section: '*', options: 'endpoint_override', use: 'API' },
]
