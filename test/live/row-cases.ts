const then = 'UTC_TIMESTAMP() - INTERVAL 5 DAY'
const now = 'UTC_TIMESTAMP()'

/**
 * Rows that a check must ignore, and rows that it must name; {table} is in its own database, {repo.table} in another.
 */
export interface RowCase {
  readonly silent: readonly string[]
  readonly fires: readonly string[]
  /** part of the finding */
  readonly names: string
}

const stuckVolumes = (table: string): RowCase => ({
  silent: [
    `INSERT INTO {${table}} (id, status, updated_at, deleted) VALUES ('v0', 'creating', ${now}, 0), ('v1', 'available', ${then}, 0), ('v2', 'deleting', ${then}, 1)`,
  ],
  fires: [`INSERT INTO {${table}} (id, status, updated_at, deleted) VALUES ('v3', 'deleting', ${then}, 0)`],
  names: '1 .* \\(v3 deleting\\)',
})

const deletedRows = (table: string, columns: string, values: string, number: number): RowCase => ({
  silent: [`INSERT INTO {${table}} (${columns}) SELECT ${values} FROM seq_1_to_10`],
  fires: [`INSERT INTO {${table}} (${columns}) SELECT ${values} FROM seq_100_to_${number + 101}`],
  names: `${table}: \\d+ rows`,
})

export const rowCases: Readonly<Record<string, RowCase>> = {
  'nova/stuck-servers': {
    silent: [
      `INSERT INTO {instances} (uuid, task_state, updated_at, deleted) VALUES ('a', 'spawning', ${now}, 0), ('b', NULL, ${then}, 0), ('c', 'deleting', ${then}, 3)`,
    ],
    fires: [`INSERT INTO {instances} (uuid, task_state, updated_at, deleted) VALUES ('d', 'spawning', ${then}, 0)`],
    names: 'd spawning',
  },
  'nova/open-migrations': {
    silent: [
      `INSERT INTO {migrations} (status, updated_at, deleted) VALUES ('confirmed', ${then}, 0), ('running', ${now}, 0)`,
    ],
    fires: [`INSERT INTO {migrations} (status, updated_at, deleted) VALUES ('pre-migrating', ${then}, 0)`],
    names: 'pre-migrating',
  },
  'nova/dead-services': {
    silent: [
      `INSERT INTO {services} (host, \`binary\`, last_seen_up, deleted) VALUES ('c1', 'nova-compute', ${now}, 0), ('c2', 'nova-compute', ${then}, 2)`,
    ],
    fires: [
      `INSERT INTO {services} (host, \`binary\`, last_seen_up, deleted) VALUES ('c3', 'nova-compute', ${then}, 0)`,
    ],
    names: 'nova-compute@c3',
  },
  'nova/duplicate-services': {
    silent: [
      "INSERT INTO {services} (host, `binary`, deleted) VALUES ('c1', 'nova-compute', 0), ('c1', 'nova-conductor', 0), ('c1.old', 'nova-compute', 3), ('10.0.0.1', 'nova-compute', 0), ('10.0.0.2', 'nova-compute', 0), ('n.a.org', 'nova-compute', 0), ('n.b.org', 'nova-compute', 0)",
    ],
    fires: ["INSERT INTO {services} (host, `binary`, deleted) VALUES ('c1.example.org', 'nova-compute', 0)"],
    names: 'c1 and c1\\.example\\.org',
  },
  'nova/duplicate-hypervisors': {
    silent: ["INSERT INTO {compute_nodes} (hypervisor_hostname, deleted) VALUES ('c1', 0), ('c2', 0), ('c1.x', 3)"],
    fires: ["INSERT INTO {compute_nodes} (hypervisor_hostname, deleted) VALUES ('c1.example.org', 0)"],
    names: 'c1 and c1\\.example\\.org',
  },
  'nova/null-uuids': {
    silent: [
      "INSERT INTO {compute_nodes} (uuid, deleted) VALUES ('u', 0), (NULL, 7)",
      "INSERT INTO {services} (uuid, deleted) VALUES ('u', 0)",
    ],
    fires: ['INSERT INTO {services} (id, uuid, deleted) VALUES (77, NULL, 0)'],
    names: 'service 77',
  },
  'nova/compute-without-service': {
    silent: [
      "INSERT INTO {compute_nodes} (host, deleted) VALUES ('c1', 0), ('gone', 3)",
      "INSERT INTO {services} (host, `binary`, deleted) VALUES ('c1', 'nova-compute', 0), ('c9', 'nova-compute', 4)",
    ],
    fires: ["INSERT INTO {compute_nodes} (host, deleted) VALUES ('c9', 0)"],
    names: '1 .* \\(c9\\)',
  },
  'nova/unmapped-hosts': {
    silent: [
      "INSERT INTO {compute_nodes} (host, deleted) VALUES ('c1', 0), ('gone', 3)",
      "INSERT INTO {nova_api.host_mappings} (host) VALUES ('c1')",
    ],
    fires: ["INSERT INTO {compute_nodes} (host, deleted) VALUES ('c9', 0)"],
    names: '1 .* \\(c9\\)',
  },
  'nova/unmapped-servers': {
    silent: [
      "INSERT INTO {instances} (uuid, deleted) VALUES ('a', 0), ('b', 3)",
      "INSERT INTO {nova_api.instance_mappings} (instance_uuid) VALUES ('a')",
    ],
    fires: ["INSERT INTO {instances} (uuid, deleted) VALUES ('d', 0)"],
    names: '1 .* \\(d\\)',
  },
  'nova/homeless-requests': {
    silent: [
      `INSERT INTO {instance_mappings} (instance_uuid, cell_id, created_at) VALUES ('a', 1, ${then}), ('b', NULL, ${now})`,
    ],
    fires: [`INSERT INTO {instance_mappings} (instance_uuid, cell_id, created_at) VALUES ('d', NULL, ${then})`],
    names: '1 .* \\(d\\)',
  },
  'nova/stolen-providers': {
    silent: [
      "INSERT INTO {compute_nodes} (uuid, hypervisor_hostname, deleted) VALUES ('u1', 'c1', 0)",
      "INSERT INTO {placement.resource_providers} (uuid, name) VALUES ('u1', 'c1'), ('u2', 'c2')",
    ],
    fires: ["INSERT INTO {compute_nodes} (uuid, hypervisor_hostname, deleted) VALUES ('u3', 'c2', 0)"],
    names: '1 .* \\(c2\\)',
  },
  'nova/deleted-servers': deletedRows('instances', 'uuid, deleted', 'seq, seq', 100_000),
  'cinder/stuck-volumes': stuckVolumes('volumes'),
  'cinder/stuck-snapshots': stuckVolumes('snapshots'),
  'cinder/stuck-backups': stuckVolumes('backups'),
  'cinder/dead-services': {
    silent: [
      `INSERT INTO {services} (host, \`binary\`, updated_at, deleted) VALUES ('s1@lvm', 'cinder-volume', ${now}, 0)`,
    ],
    fires: [
      `INSERT INTO {services} (host, \`binary\`, updated_at, deleted) VALUES ('s2@lvm', 'cinder-volume', ${then}, 0)`,
    ],
    names: 'cinder-volume@s2@lvm',
  },
  'cinder/duplicate-services': {
    silent: [
      "INSERT INTO {services} (host, `binary`, deleted) VALUES ('s1@lvm', 'cinder-volume', 0), ('s1@lvm', 'cinder-volume', 1)",
    ],
    fires: ["INSERT INTO {services} (host, `binary`, deleted) VALUES ('s1@lvm', 'cinder-volume', 0)"],
    names: 'cinder-volume@s1@lvm \\(2 times\\)',
  },
  'cinder/unmanaged-volumes': {
    silent: [
      "INSERT INTO {services} (host, `binary`, deleted) VALUES ('s1@lvm', 'cinder-volume', 0)",
      "INSERT INTO {volumes} (id, host, deleted) VALUES ('a', 's1@lvm#pool', 0), ('b', NULL, 0), ('c', 's9@x#y', 1)",
    ],
    fires: ["INSERT INTO {volumes} (id, host, deleted) VALUES ('d', 's9@lvm#pool', 0)"],
    names: 'd on s9@lvm#pool',
  },
  'cinder/lost-attachments': {
    silent: [
      "INSERT INTO {volumes} (id, status, deleted) VALUES ('a', 'in-use', 0), ('b', 'available', 0)",
      "INSERT INTO {volume_attachment} (id, volume_id, deleted) VALUES ('aa', 'a', 0)",
    ],
    fires: ["INSERT INTO {volumes} (id, status, deleted) VALUES ('d', 'in-use', 0)"],
    names: '1 .* \\(d\\)',
  },
  'cinder/orphan-attachments': {
    silent: [
      "INSERT INTO {volumes} (id, deleted) VALUES ('a', 0), ('b', 1)",
      "INSERT INTO {volume_attachment} (id, volume_id, deleted) VALUES ('aa', 'a', 0), ('bb', 'b', 1)",
    ],
    fires: ["INSERT INTO {volume_attachment} (id, volume_id, deleted) VALUES ('dd', 'b', 0)"],
    names: '1 .* \\(dd\\)',
  },
  'cinder/deleted-volumes': deletedRows('volumes', 'id, deleted', 'seq, 1', 100_000),
  'neutron/dead-agents': {
    silent: [
      `INSERT INTO {agents} (id, agent_type, \`binary\`, host, heartbeat_timestamp) VALUES ('1', 'L3', 'l3', 'n1', ${now})`,
    ],
    fires: [
      `INSERT INTO {agents} (id, agent_type, \`binary\`, host, heartbeat_timestamp) VALUES ('2', 'L3', 'l3', 'n2', ${then})`,
    ],
    names: 'l3@n2',
  },
  'neutron/duplicate-agents': {
    silent: [
      "INSERT INTO {agents} (id, agent_type, `binary`, host) VALUES ('1', 'L3', 'l3', 'n1'), ('2', 'DHCP', 'dhcp', 'n1')",
    ],
    fires: ["INSERT INTO {agents} (id, agent_type, `binary`, host) VALUES ('3', 'L3', 'l3', 'n1.example.org')"],
    names: 'n1 and n1\\.example\\.org',
  },
  'neutron/stuck-ports': {
    silent: [
      `INSERT INTO {standardattributes} (id, resource_type, updated_at) VALUES (1, 'ports', ${now}), (2, 'ports', ${then})`,
      "INSERT INTO {ports} (id, status, mac_address, standard_attr_id) VALUES ('a', 'BUILD', 'm1', 1), ('b', 'ACTIVE', 'm2', 2)",
    ],
    fires: [
      `INSERT INTO {standardattributes} (id, resource_type, updated_at) VALUES (3, 'ports', ${then})`,
      "INSERT INTO {ports} (id, status, mac_address, standard_attr_id) VALUES ('d', 'BUILD', 'm', 3)",
    ],
    names: '1 .* \\(d\\)',
  },
  'neutron/unbound-ports': {
    silent: [
      "INSERT INTO {ports} (id, device_owner, mac_address, standard_attr_id) VALUES ('a', 'compute:nova', 'm1', 1), ('b', 'network:dhcp', 'm2', 2)",
      "INSERT INTO {ml2_port_bindings} (port_id, host) VALUES ('a', 'c1')",
    ],
    fires: [
      "INSERT INTO {ports} (id, device_owner, mac_address, standard_attr_id) VALUES ('d', 'compute:az', 'm3', 3)",
    ],
    names: '1 .* \\(d\\)',
  },
  'neutron/zero-mtu': {
    silent: ["INSERT INTO {networks} (id, mtu, standard_attr_id) VALUES ('a', 1450, 1)"],
    fires: ["INSERT INTO {networks} (id, mtu, standard_attr_id) VALUES ('d', 0, 2)"],
    names: '1 .* \\(d\\)',
  },
  'neutron/ovn': {
    silent: [
      "INSERT INTO {ovn_revision_numbers} (resource_uuid, resource_type, revision_number) VALUES ('a', 'ports', -1)",
    ],
    fires: [
      "INSERT INTO {ovn_revision_numbers} (resource_uuid, resource_type, revision_number) VALUES ('d', 'ports', 3)",
    ],
    names: 'ports d',
  },
  'glance/stuck-images': {
    silent: [
      `INSERT INTO {images} (id, status, updated_at, deleted) VALUES ('a', 'saving', ${now}, 0), ('b', 'queued', ${then}, 0)`,
    ],
    fires: [`INSERT INTO {images} (id, status, updated_at, deleted) VALUES ('d', 'importing', ${then}, 0)`],
    names: 'd importing',
  },
  'glance/images-nowhere': {
    silent: [
      "INSERT INTO {images} (id, status, size, deleted) VALUES ('a', 'active', 5, 0), ('b', 'queued', NULL, 0)",
      "INSERT INTO {image_locations} (image_id, value, deleted) VALUES ('a', 'rbd://x', 0)",
    ],
    fires: ["INSERT INTO {images} (id, status, size, deleted) VALUES ('d', 'active', 5, 0)"],
    names: '1 .* \\(d\\)',
  },
  'keystone/token-rows': deletedRows('token', 'id', 'seq', 100_000),
  'keystone/null-domain': {
    silent: ["INSERT INTO {user} (id, domain_id) VALUES ('a', 'default')"],
    fires: [
      'ALTER TABLE {user} MODIFY domain_id VARCHAR(64) NULL',
      "INSERT INTO {user} (id, domain_id) VALUES ('d', NULL)",
    ],
    names: '1 .* \\(d\\)',
  },
  'keystone/service-role': {
    silent: ["INSERT INTO {role} (id, name) VALUES ('a', 'service')"],
    fires: ["UPDATE {role} SET name = 'other'"],
    names: "role 'service' is missing",
  },
  'keystone/old-endpoints': {
    silent: [
      "INSERT INTO {endpoint} (id, url, enabled) VALUES ('a', 'http://c:5000/v3', 1), ('b', 'http://c:35357/v3', 0), ('c', 'http://c:8080/v2.0', 1)",
    ],
    fires: ["INSERT INTO {endpoint} (id, url, enabled) VALUES ('d', 'http://c:35357/v3', 1)"],
    names: '1 .* \\(http://c:35357/v3\\)',
  },
  'keystone/endpoint-substitutions': {
    silent: [
      "INSERT INTO {endpoint} (id, url, enabled) VALUES ('a', 'http://c:8774/v2.1/%(tenant_id)s', 1), ('b', 'http://c:%(public_port)s/$(project_id)s/a%%20b', 1), ('c', 'http://c/%(other)s', 0)",
    ],
    fires: [
      "INSERT INTO {endpoint} (id, url, enabled) VALUES ('d', 'http://c:$(compute_port)s/v2.1', 1), ('e', 'http://c/a%20b', 1), ('f', 'http://c/%(admin_endpoint)s', 1), ('g', 'http://c/%(tenant_id)', 1)",
    ],
    names: '4 .* \\(d http://c:\\$\\(compute_port\\)s/v2\\.1, e http://c/a%20b, f ',
  },
  'keystone/endpoint-ports': {
    silent: [
      "INSERT INTO {endpoint} (id, url, enabled) VALUES ('a', 'http://c:8774/v2.1/%(tenant_id)s', 1), ('b', 'http://c:%(public_port)s/', 0), ('c', 'http://c/xpublic_port', 1)",
    ],
    fires: [
      "INSERT INTO {endpoint} (id, url, enabled) VALUES ('d', 'http://c:%(public_port)s/v2.0', 1), ('e', 'http://$(admin_bind_host)s/v3', 1)",
    ],
    names: '2 .* \\(d http://c:%\\(public_port\\)s/v2\\.0, e ',
  },
  'keystone/duplicate-endpoints': {
    silent: [
      "INSERT INTO {endpoint} (id, service_id, interface, region_id, enabled) VALUES ('a', 's', 'public', 'r', 1), ('b', 's', 'admin', 'r', 1), ('c', 's', 'public', 'r', 0)",
    ],
    fires: [
      "INSERT INTO {endpoint} (id, service_id, interface, region_id, enabled) VALUES ('d', 's', 'public', 'r', 1)",
    ],
    names: 's public r \\(2 times\\)',
  },
  'heat/stuck-stacks': {
    silent: [
      `INSERT INTO {stack} (id, action, status, updated_at) VALUES ('a', 'CREATE', 'IN_PROGRESS', ${now}), ('b', 'CREATE', 'COMPLETE', ${then})`,
    ],
    fires: [`INSERT INTO {stack} (id, action, status, updated_at) VALUES ('d', 'UPDATE', 'IN_PROGRESS', ${then})`],
    names: 'd UPDATE IN_PROGRESS',
  },
  'barbican/deleted-secrets': deletedRows(
    'secrets',
    'id, created_at, updated_at, deleted, status, project_id',
    `seq, ${then}, ${then}, 1, 'ACTIVE', 'p'`,
    50_000,
  ),
  'heat/deleted-stacks': deletedRows('stack', 'id, deleted_at', `seq, ${then}`, 50_000),
  'placement/orphan-allocations': {
    silent: [
      "INSERT INTO {nova.instances} (uuid, deleted) VALUES ('a', 0), ('b', 4)",
      "INSERT INTO {nova.migrations} (uuid) VALUES ('m')",
      "INSERT INTO {allocations} (resource_provider_id, consumer_id, resource_class_id, used) VALUES (1, 'a', 1, 1), (1, 'm', 1, 1)",
    ],
    fires: [
      "INSERT INTO {allocations} (resource_provider_id, consumer_id, resource_class_id, used) VALUES (1, 'b', 1, 1), (1, 'b', 2, 1)",
    ],
    names: '1 .* \\(b\\)',
  },
}
