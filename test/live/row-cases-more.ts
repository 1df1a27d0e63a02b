import type { RowCase } from './row-cases.ts'

const then = 'UTC_TIMESTAMP() - INTERVAL 5 DAY'
const now = 'UTC_TIMESTAMP()'

const novaService = (host: string, version: number, seen: string, deleted = 0): string =>
  `INSERT INTO {services} (host, \`binary\`, version, last_seen_up, deleted) VALUES ('${host}', 'nova-compute', ${version}, ${seen}, ${deleted})`

const cinderService = (host: string, version: string, seen: string): string =>
  `INSERT INTO {services} (host, \`binary\`, rpc_current_version, updated_at, deleted) VALUES ('${host}', 'cinder-volume', '${version}', ${seen}, 0)`

const port = (id: string, number: number): string =>
  `INSERT INTO {ports} (id, device_owner, mac_address, standard_attr_id) VALUES ('${id}', 'compute:nova', 'm${number}', ${number})`

/** Cases of services that hold others back, of dangling links, and of unfinished work. */
export const moreRowCases: Readonly<Record<string, RowCase>> = {
  'nova/dead-pins': {
    silent: [novaService('c1', 53, now), novaService('c2', 53, then), novaService('c3', 40, then, 7)],
    fires: [novaService('c4', 40, then)],
    names: '1 .* \\(c4 of version 40\\)',
  },
  'nova/mixed-versions': {
    silent: [novaService('c1', 53, now), novaService('c2', 53, now), novaService('c3', 40, then)],
    fires: [novaService('c4', 66, now)],
    names: '53,66',
  },
  'nova/servers-on-unknown-hosts': {
    silent: [
      novaService('c1', 53, now),
      "INSERT INTO {instances} (uuid, host, deleted) VALUES ('a', 'c1', 0), ('b', NULL, 0), ('c', 'gone', 3)",
    ],
    fires: ["INSERT INTO {instances} (uuid, host, deleted) VALUES ('d', 'c1.example.org', 0)"],
    names: '1 .* \\(d on c1\\.example\\.org\\)',
  },
  'nova/lost-volumes': {
    silent: [
      "INSERT INTO {cinder.volumes} (id, deleted) VALUES ('a', 0), ('d', 1)",
      "INSERT INTO {block_device_mapping} (volume_id, instance_uuid, deleted) VALUES ('a', 's', 0), (NULL, 's', 0), ('d', 's', 5)",
    ],
    fires: ["INSERT INTO {block_device_mapping} (volume_id, instance_uuid, deleted) VALUES ('d', 's', 0)"],
    names: '1 .* \\(d of s\\)',
  },
  'nova/pending-online': {
    silent: ["INSERT INTO {block_device_mapping} (id, uuid, deleted) VALUES (1, 'u', 0), (2, NULL, 2)"],
    fires: ['INSERT INTO {block_device_mapping} (id, uuid, deleted) VALUES (3, NULL, 0)'],
    names: 'block device 3',
  },
  'cinder/mixed-versions': {
    silent: [
      cinderService('a@lvm', '3.16', now),
      cinderService('b@lvm', '3.16', now),
      cinderService('c@lvm', '3.10', then),
    ],
    fires: [cinderService('d@lvm', '3.17', now)],
    names: 'cinder-volume: 3\\.16,3\\.17',
  },
  'cinder/lost-services': {
    silent: [
      "INSERT INTO {services} (uuid, host, `binary`, deleted) VALUES ('u', 'a@lvm', 'cinder-volume', 0), ('old', 'b@lvm', 'cinder-volume', 1)",
      "INSERT INTO {volumes} (id, service_uuid, deleted) VALUES ('a', 'u', 0), ('b', NULL, 0), ('c', 'old', 1)",
    ],
    fires: ["INSERT INTO {volumes} (id, service_uuid, deleted) VALUES ('d', 'old', 0)"],
    names: '1 .* \\(d\\)',
  },
  'cinder/fixed-key': {
    silent: [
      "INSERT INTO {volumes} (id, encryption_key_id, deleted) VALUES ('a', NULL, 0), ('b', '4f0c0a5e-0000-4000-8000-000000000001', 0)",
    ],
    fires: [
      "INSERT INTO {volumes} (id, encryption_key_id, deleted) VALUES ('d', '00000000-0000-0000-0000-000000000000', 0)",
    ],
    names: '1 .* \\(d\\)',
  },
  'neutron/failed-bindings': {
    silent: [
      "INSERT INTO {ml2_port_bindings} (port_id, host, vif_type) VALUES ('a', 'c1', 'ovs'), ('b', '', 'unbound')",
    ],
    fires: ["INSERT INTO {ml2_port_bindings} (port_id, host, vif_type) VALUES ('d', 'c1', 'binding_failed')"],
    names: '1 .* \\(d on c1\\)',
  },
  'neutron/bindings-on-unknown-hosts': {
    silent: [
      "INSERT INTO {agents} (id, agent_type, `binary`, host) VALUES ('1', 'Open vSwitch agent', 'ovs', 'c1')",
      port('a', 1),
      "INSERT INTO {ml2_port_bindings} (port_id, host, vif_type) VALUES ('a', 'c1', 'ovs')",
    ],
    fires: [port('d', 2), "INSERT INTO {ml2_port_bindings} (port_id, host, vif_type) VALUES ('d', 'c1.old', 'ovs')"],
    names: '1 .* \\(d on c1\\.old\\)',
  },
  'neutron/local-externals': {
    silent: [
      "INSERT INTO {externalnetworks} (network_id) VALUES ('a')",
      "INSERT INTO {networksegments} (id, network_id, network_type, standard_attr_id) VALUES ('1', 'a', 'flat', 1), ('2', 'inner', 'local', 2)",
    ],
    fires: [
      "INSERT INTO {externalnetworks} (network_id) VALUES ('d')",
      "INSERT INTO {networksegments} (id, network_id, network_type, standard_attr_id) VALUES ('3', 'd', 'local', 3)",
    ],
    names: '1 .* \\(d\\)',
  },
  'keystone/endpoints-without-region': {
    silent: [
      "INSERT INTO {endpoint} (id, url, region_id, enabled) VALUES ('a', 'http://c/', 'r', 1), ('b', 'http://c/off', NULL, 0)",
    ],
    fires: ["INSERT INTO {endpoint} (id, url, region_id, enabled) VALUES ('d', 'http://c/none', NULL, 1)"],
    names: 'http://c/none',
  },
  'heat/dead-engines': {
    silent: [
      `INSERT INTO {service} (id, host, \`binary\`, updated_at, deleted_at) VALUES ('1', 'c1', 'heat-engine', ${now}, NULL), ('2', 'c2', 'heat-engine', ${then}, ${then})`,
    ],
    fires: [
      `INSERT INTO {service} (id, host, \`binary\`, updated_at, deleted_at) VALUES ('3', 'c3', 'heat-engine', ${then}, NULL)`,
    ],
    names: 'heat-engine@c3',
  },
  'barbican/stuck-orders': {
    silent: [
      `INSERT INTO {orders} (id, type, status, project_id, created_at, updated_at, deleted) VALUES ('a', 'key', 'PENDING', 'p', ${now}, ${now}, 0), ('b', 'key', 'ACTIVE', 'p', ${then}, ${then}, 0), ('c', 'key', 'PENDING', 'p', ${then}, ${then}, 1)`,
    ],
    fires: [
      `INSERT INTO {orders} (id, type, status, project_id, created_at, updated_at, deleted) VALUES ('d', 'key', 'PENDING', 'p', ${then}, ${then}, 0)`,
    ],
    names: 'd key',
  },
  'placement/lost-providers': {
    silent: [
      "INSERT INTO {resource_providers} (id, uuid, name) VALUES (1, 'u', 'c1')",
      "INSERT INTO {allocations} (resource_provider_id, consumer_id, resource_class_id, used) VALUES (1, 'a', 1, 1)",
    ],
    fires: [
      "INSERT INTO {allocations} (resource_provider_id, consumer_id, resource_class_id, used) VALUES (9, 'd', 1, 1)",
    ],
    names: 'd of provider 9',
  },
}
