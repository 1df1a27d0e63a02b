import { owned } from '../keystone/owned.ts'
import { instances } from '../nova/references.ts'
import { oldHost, type Reference, text } from '../reference.ts'

const onTheWay = `deleted = 0 AND status IN
  ('accepted', 'queued', 'preparing', 'running', 'pre-migrating', 'migrating', 'post-migrating')`

export const neutronReferences: readonly Reference[] = [
  {
    id: 'neutron/port-instance',
    services: ['nova', 'neutron'],
    what: 'port',
    rows: {
      repo: 'neutron',
      from: '$.ports',
      id: 'id',
      key: 'device_id',
      where: "device_owner LIKE 'compute:%' AND device_id <> ''",
    },
    to: [instances],
    says: 'belongs to instance KEY, which does not live',
  },
  {
    id: 'neutron/port-host',
    services: ['nova', 'neutron'],
    what: 'port',
    rows: {
      repo: 'neutron',
      from: '$.ports p JOIN $.ml2_port_bindings b ON b.port_id = p.id',
      id: 'p.id',
      key: "CONCAT_WS(' ', p.device_id, b.host)",
      where: "p.device_owner LIKE 'compute:%' AND p.device_id <> '' AND b.host <> '' AND b.status = 'ACTIVE'",
    },
    to: [
      { ...instances, key: "CONCAT_WS(' ', uuid, host)" },
      // a migrating server's port is bound to the destination before the server is there
      { repo: 'nova', from: '$.migrations', key: "CONCAT_WS(' ', instance_uuid, dest_compute)", where: onTheWay },
    ],
    says: 'is bound to instance and host KEY, where nova does not run it',
  },
  {
    id: 'neutron/port-router',
    services: ['neutron'],
    what: 'port',
    rows: {
      repo: 'neutron',
      from: '$.ports',
      id: 'id',
      key: 'device_id',
      where: "device_owner LIKE 'network:router\\_%' AND device_id <> ''",
    },
    to: [{ repo: 'neutron', from: '$.routers', key: 'id' }],
    says: 'belongs to router KEY, which does not exist',
  },
  {
    id: 'neutron/port-floating',
    services: ['neutron'],
    what: 'port',
    rows: {
      repo: 'neutron',
      from: '$.ports',
      id: 'id',
      key: 'device_id',
      where: "device_owner = 'network:floatingip' AND device_id NOT IN ('', 'PENDING')",
    },
    to: [{ repo: 'neutron', from: '$.floatingips', key: 'id' }],
    says: 'belongs to floating address KEY, which does not exist',
  },
  {
    id: 'neutron/port-dhcp',
    services: ['neutron'],
    what: 'DHCP port',
    rows: {
      repo: 'neutron',
      from: '$.ports',
      id: 'id',
      key: 'network_id',
      where: "device_owner = 'network:dhcp' AND device_id LIKE 'dhcp%'",
    },
    to: [
      {
        repo: 'neutron',
        from: '$.networkdhcpagentbindings b JOIN $.agents a ON a.id = b.dhcp_agent_id',
        key: 'b.network_id',
      },
    ],
    says: 'serves network KEY, which no DHCP agent has',
  },
  {
    id: 'neutron/router-agent',
    services: ['neutron'],
    what: 'router',
    rows: {
      repo: 'neutron',
      from: '$.routerl3agentbindings',
      id: "CONCAT_WS(' ', router_id, l3_agent_id)",
      key: 'l3_agent_id',
    },
    to: [{ repo: 'neutron', from: '$.agents', key: 'id' }],
    says: 'is on agent KEY, which does not exist',
  },
  {
    id: 'neutron/floating-address',
    services: ['neutron'],
    what: 'floating address',
    rows: {
      repo: 'neutron',
      from: '$.floatingips',
      id: 'id',
      key: "CONCAT_WS(' ', fixed_port_id, fixed_ip_address)",
      where: 'fixed_port_id IS NOT NULL',
    },
    to: [{ repo: 'neutron', from: '$.ipallocations', key: "CONCAT_WS(' ', port_id, ip_address)" }],
    says: 'leads to port and address KEY, and the port does not have it',
  },
  {
    id: 'neutron/port-group',
    services: ['neutron'],
    what: 'port',
    rows: {
      repo: 'neutron',
      from: '$.securitygroupportbindings',
      id: "CONCAT_WS(' ', port_id, security_group_id)",
      key: 'security_group_id',
    },
    to: [{ repo: 'neutron', from: '$.securitygroups', key: 'id' }],
    says: 'is in security group KEY, which does not exist',
  },
  {
    id: 'neutron/agent-host',
    services: ['neutron'],
    what: 'agent',
    rows: {
      repo: 'neutron',
      from: '$.agents',
      id: "CONCAT(`binary`, ' on ', host)",
      key: 'host',
      where: `${text('host')} = ${oldHost}`,
    },
    to: [],
    says: 'names the old controller, which no longer serves',
  },
  owned('neutron', 'network', {
    repo: 'neutron',
    from: '$.networks',
    id: 'id',
    key: 'project_id',
    where: "project_id <> ''",
  }),
]
