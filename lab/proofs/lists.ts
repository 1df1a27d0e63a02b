/** A list of an API, as the admin sees it. */
export interface List {
  readonly what: string
  readonly type: string
  readonly path: string
  readonly key: string
  /** members that form an entry's name when it has no id */
  readonly id?: (entry: Entry) => string
  readonly fields: readonly string[]
}

export type Entry = Readonly<Record<string, unknown>>

export const whole = (entry: Entry): string => JSON.stringify(entry)

/** What both releases' APIs must list alike, with the members that have the same meaning in both. */
export const lists: readonly List[] = [
  { what: 'domains', type: 'identity', path: '/v3/domains', key: 'domains', fields: ['name', 'enabled'] },
  {
    what: 'projects',
    type: 'identity',
    path: '/v3/projects',
    key: 'projects',
    fields: ['name', 'domain_id', 'enabled', 'description'],
  },
  { what: 'users', type: 'identity', path: '/v3/users', key: 'users', fields: ['name', 'domain_id', 'enabled'] },
  { what: 'roles', type: 'identity', path: '/v3/roles', key: 'roles', fields: ['name'] },
  {
    what: 'role assignments',
    type: 'identity',
    path: '/v3/role_assignments',
    key: 'role_assignments',
    id: ({ role, scope, user, group }) => whole({ role, scope, user, group }),
    fields: [],
  },
  { what: 'credentials', type: 'identity', path: '/v3/credentials', key: 'credentials', fields: ['type', 'blob'] },
  { what: 'endpoints', type: 'identity', path: '/v3/endpoints', key: 'endpoints', fields: ['url', 'interface'] },
  {
    what: 'images',
    type: 'image',
    path: '/v2/images?limit=1000&visibility=all',
    key: 'images',
    fields: ['name', 'status', 'checksum', 'os_hash_value', 'size', 'owner', 'visibility', 'disk_format'],
  },
  {
    what: 'networks',
    type: 'network',
    path: '/v2.0/networks',
    key: 'networks',
    fields: ['name', 'project_id', 'shared', 'provider:network_type', 'provider:segmentation_id', 'mtu'],
  },
  {
    what: 'subnets',
    type: 'network',
    path: '/v2.0/subnets',
    key: 'subnets',
    fields: ['name', 'network_id', 'cidr', 'gateway_ip', 'allocation_pools'],
  },
  {
    what: 'ports',
    type: 'network',
    path: '/v2.0/ports',
    key: 'ports',
    fields: ['mac_address', 'fixed_ips', 'device_id', 'device_owner', 'binding:host_id', 'security_groups'],
  },
  {
    what: 'routers',
    type: 'network',
    path: '/v2.0/routers',
    key: 'routers',
    fields: ['name', 'project_id', 'external_gateway_info'],
  },
  {
    what: 'floating addresses',
    type: 'network',
    path: '/v2.0/floatingips',
    key: 'floatingips',
    fields: ['floating_ip_address', 'fixed_ip_address', 'port_id', 'project_id'],
  },
  {
    what: 'security groups',
    type: 'network',
    path: '/v2.0/security-groups',
    key: 'security_groups',
    fields: ['name', 'project_id'],
  },
  {
    what: 'security group rules',
    type: 'network',
    path: '/v2.0/security-group-rules',
    key: 'security_group_rules',
    fields: ['direction', 'protocol', 'port_range_min', 'port_range_max', 'remote_ip_prefix', 'remote_group_id'],
  },
  {
    what: 'flavors',
    type: 'compute',
    path: '/flavors/detail?is_public=None',
    key: 'flavors',
    fields: ['name', 'ram', 'vcpus', 'disk'],
  },
  {
    what: 'servers',
    type: 'compute',
    path: '/servers/detail?all_tenants=1',
    key: 'servers',
    fields: [
      'name',
      'status',
      'tenant_id',
      'user_id',
      'created',
      'key_name',
      'addresses',
      'image',
      'OS-EXT-SRV-ATTR:host',
      'OS-EXT-STS:task_state',
      'os-extended-volumes:volumes_attached',
    ],
  },
  {
    what: 'deleted servers',
    type: 'compute',
    path: '/servers/detail?all_tenants=1&deleted=true',
    key: 'servers',
    fields: ['name', 'status'],
  },
  {
    what: 'server groups',
    type: 'compute',
    path: '/os-server-groups?all_projects=True',
    key: 'server_groups',
    fields: ['name', 'policies', 'members'],
  },
  {
    what: 'hypervisors',
    type: 'compute',
    path: '/os-hypervisors/detail',
    key: 'hypervisors',
    fields: ['hypervisor_hostname', 'status', 'hypervisor_type'],
  },
  {
    what: 'volumes',
    type: 'volumev3',
    path: '/volumes/detail?all_tenants=1',
    key: 'volumes',
    fields: ['name', 'status', 'size', 'bootable', 'volume_type'],
  },
  {
    what: 'volume snapshots',
    type: 'volumev3',
    path: '/snapshots/detail?all_tenants=1',
    key: 'snapshots',
    fields: ['name', 'status', 'volume_id'],
  },
  { what: 'volume types', type: 'volumev3', path: '/types', key: 'volume_types', fields: ['name', 'extra_specs'] },
]

/** Requested per project. */
export const quotas: readonly List[] = [
  {
    what: 'compute quotas',
    type: 'compute',
    path: '/os-quota-sets',
    key: 'quota_set',
    fields: ['instances', 'cores', 'ram', 'key_pairs'],
  },
  {
    what: 'network quotas',
    type: 'network',
    path: '/v2.0/quotas',
    key: 'quota',
    fields: ['port', 'network', 'router'],
  },
  {
    what: 'volume quotas',
    type: 'volumev3',
    path: '/os-quota-sets',
    key: 'quota_set',
    fields: ['volumes', 'gigabytes'],
  },
]
