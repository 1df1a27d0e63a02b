import { type Listed, linesOf, type Member } from '../listing.ts'

const rows = (
  what: string,
  table: string,
  members: Readonly<Record<string, Member | string>>,
  columns: readonly string[] = ['id'],
  unless?: string,
): Listed => ({
  what,
  repo: 'neutron',
  from: `$.${table} n`,
  columns,
  id: 'n.id',
  members,
  ...(unless === undefined ? {} : { unless }),
})

const network = { name: 'n.name', status: 'n.status' } as const
const group = { name: 'n.name' } as const

/** A rule's direction and what it allows; the table is `securitygrouprules` in every release. */
const rule = {
  security_group_id: 'n.security_group_id',
  direction: 'n.direction',
  ethertype: 'n.ethertype',
  protocol: 'n.protocol',
  remote_ip_prefix: 'n.remote_ip_prefix',
} as const

export const neutronListed: readonly Listed[] = [
  rows('networks', 'networks', { ...network, mtu: { sql: 'n.mtu', as: 'number' } }, ['mtu']),
  rows('networks', 'networks', network, ['id'], 'mtu'),
  rows('subnets', 'subnets', { name: 'n.name', cidr: 'n.cidr' }),
  rows('ports', 'ports', { name: 'n.name', mac_address: 'n.mac_address', device_id: 'n.device_id' }),
  rows('routers', 'routers', network),
  rows('floating addresses', 'floatingips', {
    floating_ip_address: 'n.floating_ip_address',
    port_id: 'n.fixed_port_id',
  }),
  rows('subnet pools', 'subnetpools', {
    name: 'n.name',
    prefixes: linesOf('p.cidr', '$.subnetpoolprefixes p WHERE p.subnetpool_id = n.id', 'p.cidr'),
  }),
  rows('security groups', 'securitygroups', { ...group, project_id: 'n.project_id' }, ['project_id']),
  rows('security groups', 'securitygroups', { ...group, project_id: 'n.tenant_id' }, ['tenant_id'], 'project_id'),
  rows('security group rules', 'securitygrouprules', rule),
]
