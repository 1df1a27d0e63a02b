/** A kind of resource, and where each service keeps it. Names of tables and columns are those of the target's release. */
export interface Kept {
  readonly what: string
  readonly repo: string
  readonly table: string
  /** SQL for what tells one from another on both sides: ids that are numbers are given anew */
  readonly id: string
  readonly name: string
  /** rows that are there for the user, not soft-deleted ones */
  readonly alive?: string
  readonly created?: string
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

const soft = (what: string, repo: string, table: string, id: string, name: string): Kept => ({
  what,
  repo,
  table,
  id,
  name,
  alive: 't.deleted = 0',
  created: 't.created_at',
})

export const kept: readonly Kept[] = [
  soft('server', 'nova', 'instances', 't.uuid', 't.display_name'),
  soft('volume', 'cinder', 'volumes', 't.id', 't.display_name'),
  soft('volume attachment', 'cinder', 'volume_attachment', 't.id', "CONCAT(t.volume_id, ' at ', t.instance_uuid)"),
  soft('snapshot', 'cinder', 'snapshots', 't.id', 't.display_name'),
  soft('backup', 'cinder', 'backups', 't.id', 't.display_name'),
  soft('image', 'glance', 'images', 't.id', 't.name'),
  neutron('network', 'networks'),
  neutron('subnet', 'subnets'),
  neutron('port', 'ports'),
  neutron('router', 'routers'),
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
