import type { Database } from '../services/recipe.ts'

/** A kind of resource, and where each service keeps it. Names of tables and columns are those of the target's release. */
export interface Kept {
  readonly what: string
  /** the line of schema revisions whose databases have it: servers are in every cell */
  readonly repo: Database['repo']
  readonly table: string
  /** SQL for what tells one from another on both sides: ids that are numbers are given anew */
  readonly id: string
  readonly name: string
  /** rows that are there for the user, not soft-deleted ones */
  readonly alive?: string
  readonly created?: string
  /** SQL for the machine it is on */
  readonly on?: string
  readonly join?: string
}

const neutron = (what: string, table: string): Kept => ({
  what,
  repo: 'neutron',
  table,
  id: 't.id',
  name: 't.name',
  created: 's.created_at',
  join: 'LEFT JOIN standardattributes s ON s.id = t.standard_attr_id',
})

const soft = (what: string, repo: Database['repo'], table: string, id: string, name: string): Kept => ({
  what,
  repo,
  table,
  id,
  name,
  alive: 't.deleted = 0',
  created: 't.created_at',
})

/** In the order in which they are told. */
export const kept: readonly Kept[] = [
  { ...soft('server', 'nova', 'instances', 't.uuid', 't.display_name'), on: 't.host' },
  { ...soft('volume', 'cinder', 'volumes', 't.id', 't.display_name'), on: 't.host' },
  soft('volume attachment', 'cinder', 'volume_attachment', 't.id', "CONCAT(t.volume_id, ' at ', t.instance_uuid)"),
  soft('snapshot', 'cinder', 'snapshots', 't.id', 't.display_name'),
  soft('backup', 'cinder', 'backups', 't.id', 't.display_name'),
  soft('volume type', 'cinder', 'volume_types', 't.id', 't.name'),
  soft('image', 'glance', 'images', 't.id', 't.name'),
  neutron('network', 'networks'),
  neutron('subnet', 'subnets'),
  neutron('port', 'ports'),
  neutron('router', 'routers'),
  neutron('subnet pool', 'subnetpools'),
  neutron('trunk', 'trunks'),
  {
    ...neutron('floating IP', 'floatingips'),
    name: 't.floating_ip_address',
  },
  neutron('security group', 'securitygroups'),
  {
    ...neutron('security group rule', 'securitygrouprules'),
    name: "CONCAT(t.direction, ' ', COALESCE(t.protocol, 'any'), ' of ', t.security_group_id)",
  },
  {
    what: 'user',
    repo: 'keystone',
    table: 'user',
    id: 't.id',
    name: 'l.name',
    created: 't.created_at',
    join: 'LEFT JOIN local_user l ON l.user_id = t.id',
  },
  { what: 'project or domain', repo: 'keystone', table: 'project', id: 't.id', name: 't.name' },
  { what: 'group', repo: 'keystone', table: 'group', id: 't.id', name: 't.name' },
  { what: 'role', repo: 'keystone', table: 'role', id: 't.id', name: 't.name' },
  {
    what: 'role assignment',
    repo: 'keystone',
    table: 'assignment',
    id: "CONCAT_WS('/', t.type, t.actor_id, t.target_id, t.role_id, t.inherited)",
    name: "''",
  },
  { what: 'application credential', repo: 'keystone', table: 'application_credential', id: 't.id', name: 't.name' },
  { what: 'credential', repo: 'keystone', table: 'credential', id: 't.id', name: 't.type' },
  {
    what: 'stack',
    repo: 'heat',
    table: 'stack',
    id: 't.id',
    name: 't.name',
    alive: 't.deleted_at IS NULL AND t.owner_id IS NULL',
    created: 't.created_at',
  },
  {
    what: 'keypair',
    repo: 'nova_api',
    table: 'key_pairs',
    id: "CONCAT_WS('/', t.user_id, t.name)",
    name: 't.name',
    created: 't.created_at',
  },
  { what: 'flavor', repo: 'nova_api', table: 'flavors', id: 't.flavorid', name: 't.name', created: 't.created_at' },
  {
    what: 'server group',
    repo: 'nova_api',
    table: 'instance_groups',
    id: 't.uuid',
    name: 't.name',
    created: 't.created_at',
  },
  { what: 'aggregate', repo: 'nova_api', table: 'aggregates', id: 't.uuid', name: 't.name', created: 't.created_at' },
]

/**
 * Tables that the services write on their own account, without anybody having asked for something: heartbeats, usage that is
 * counted anew, caches that are refreshed, locks. They change within a minute of every start, and a revert loses nothing
 * by them.
 */
export const own: Readonly<Partial<Record<Database['repo'], readonly string[]>>> = {
  keystone: ['revocation_event'],
  glance: ['cached_images', 'node_reference'],
  nova: ['compute_nodes', 'instance_info_caches', 'pci_devices', 'services', 'task_log'],
  neutron: ['agents', 'ovn_hash_ring', 'provisioningblocks', 'quotausages', 'reservations', 'resourcedeltas'],
  cinder: ['quota_usages', 'reservations', 'services', 'workers'],
  heat: ['service', 'stack_lock', 'sync_point'],
}
