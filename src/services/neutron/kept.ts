import type { Kept } from '../kept.ts'

const neutron = (what: string, table: string): Kept => ({
  what,
  repo: 'neutron',
  table,
  id: 't.id',
  name: 't.name',
  created: 's.created_at',
  join: 'LEFT JOIN standardattributes s ON s.id = t.standard_attr_id',
})

export const neutronKept: readonly Kept[] = [
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
]

export const neutronOwn: readonly string[] = [
  'agents',
  'ovn_hash_ring',
  'provisioningblocks',
  'quotausages',
  'reservations',
  'resourcedeltas',
]
