/** A fault for each rule: the statements, and the row that the rule must name. */
export interface Fault {
  readonly id: string
  readonly sql: readonly string[]
  readonly row: { readonly id: string; readonly key: string }
}

const made = 'created_at, updated_at, status, deleted'
const now = "NOW(), NOW(), 'ACTIVE', 0"
const port = '00000000-0000-4000-8000-00000000000'
const lost = (table: string, columns: string, values: string): string =>
  `INSERT INTO ${table} (${columns}) VALUES (${values})`

export const faults: readonly Fault[] = [
  {
    id: 'nova/instance-mapping',
    sql: [lost('{nova}.instances', 'id, uuid, project_id, deleted', "10, 'x1', 'p1', 0")],
    row: { id: 'x1', key: 'x1' },
  },
  {
    id: 'nova/instance-cell',
    sql: [
      // it exists, but in the other cell
      lost('{nova_api}.instance_mappings', 'instance_uuid, cell_id, queued_for_delete', "'x2', 2, 0"),
      lost('{nova_cell0}.instances', 'id, uuid, project_id, deleted', "10, 'x2', 'p1', 0"),
    ],
    row: { id: 'x2', key: 'x2 no`va $name' },
  },
  {
    id: 'nova/cell-database',
    sql: [lost('{nova_api}.cell_mappings', 'id, uuid, database_connection', "9, 'cell9', 'mysql://n:p@h/nowhere?x=y'")],
    row: { id: 'cell9', key: 'nowhere' },
  },
  {
    id: 'nova/compute-mapping',
    sql: [lost('{nova}.services', 'id, host, `binary`, deleted', "10, 'cmp-new', 'nova-compute', 0")],
    row: { id: 'cmp-new', key: 'cmp-new' },
  },
  {
    id: 'nova/node-service',
    sql: [lost('{nova}.compute_nodes', 'id, uuid, host, hypervisor_hostname, deleted', "10, 'cn2', 'cmp2', 'cmp2', 0")],
    row: { id: 'cn2', key: 'cmp2' },
  },
  {
    id: 'nova/instance-node',
    sql: [lost('{nova}.instances', 'id, uuid, project_id, host, node, deleted', "11, 'x3', 'p1', 'cmp3', 'n3', 0")],
    row: { id: 'x3', key: 'cmp3 n3' },
  },
  {
    id: 'nova/info-cache',
    sql: [lost('{nova}.instances', 'id, uuid, project_id, deleted', "12, 'x4', 'p1', 0")],
    row: { id: 'x4', key: 'x4' },
  },
  {
    id: 'nova/info-cache-port',
    sql: [
      lost('{nova}.instances', 'id, uuid, project_id, deleted', "13, 'x5', 'p1', 0"),
      lost(
        '{nova}.instance_info_caches',
        'instance_uuid, network_info, deleted',
        `'x5', '[{"id": "${port}9", "y": 1}]', 0`,
      ),
    ],
    row: { id: 'x5', key: `${port}9` },
  },
  {
    id: 'nova/device-instance',
    sql: [
      lost('{nova}.block_device_mapping', 'id, instance_uuid, destination_type, deleted', "10, 'dead', 'local', 0"),
    ],
    row: { id: '10', key: 'dead' },
  },
  {
    id: 'nova/service-host',
    sql: [lost('{nova}.services', 'id, host, `binary`, deleted', "11, 'src', 'nova-scheduler', 0")],
    row: { id: 'nova-scheduler on src', key: 'src' },
  },
  {
    id: 'cinder/device-volume',
    sql: [
      lost(
        '{nova}.block_device_mapping',
        'id, instance_uuid, device_name, volume_id, destination_type, deleted',
        "11, 'i1', '/dev/vdc', 'v-none', 'volume', 0",
      ),
    ],
    row: { id: 'i1 /dev/vdc 11', key: 'v-none' },
  },
  {
    id: 'cinder/device-attachment',
    sql: [
      lost(
        '{nova}.block_device_mapping',
        'id, instance_uuid, device_name, volume_id, attachment_id, destination_type, deleted',
        "12, 'i1', '/dev/vdd', 'v1', 'at-none', 'volume', 0",
      ),
    ],
    row: { id: 'i1 /dev/vdd 12', key: 'at-none v1' },
  },
  {
    id: 'cinder/attachment-instance',
    sql: [
      lost(
        '{cinder}.volume_attachment',
        'id, volume_id, instance_uuid, attach_status, deleted',
        "'at2', 'v1', 'i0', 'attached', 0",
      ),
    ],
    row: { id: 'at2', key: 'i0 v1' },
  },
  {
    id: 'cinder/attachment-living',
    sql: [
      lost(
        '{cinder}.volume_attachment',
        'id, volume_id, instance_uuid, attach_status, deleted',
        "'at3', 'v1', 'dead', 'reserved', 0",
      ),
    ],
    row: { id: 'at3', key: 'dead' },
  },
  {
    id: 'cinder/in-use',
    sql: [
      lost('{cinder}.volumes', 'id, project_id, status, volume_type_id, deleted', "'v2', 'p1', 'in-use', 'vt1', 0"),
    ],
    row: { id: 'v2', key: 'v2' },
  },
  {
    id: 'cinder/attachment-volume',
    sql: [
      lost(
        '{cinder}.volume_attachment',
        'id, volume_id, instance_uuid, attach_status, deleted',
        "'at4', 'v0', 'i1', 'attached', 0",
      ),
    ],
    row: { id: 'at4', key: 'v0' },
  },
  {
    id: 'cinder/volume-type',
    sql: [
      lost('{cinder}.volumes', 'id, project_id, status, volume_type_id, deleted', "'v3', 'p1', 'available', 'vt9', 0"),
    ],
    row: { id: 'v3', key: 'vt9' },
  },
  {
    id: 'cinder/snapshot-volume',
    sql: [lost('{cinder}.snapshots', 'id, volume_id, volume_type_id, deleted', "'s2', 'v9', 'vt1', 0")],
    row: { id: 's2', key: 'v9' },
  },
  {
    id: 'cinder/volume-service',
    sql: [
      lost(
        '{cinder}.volumes',
        'id, project_id, host, status, volume_type_id, deleted',
        "'v4', 'p1', 'src@lvm#lvm', 'available', 'vt1', 0",
      ),
    ],
    row: { id: 'v4', key: 'src@lvm' },
  },
  {
    id: 'cinder/service-host',
    sql: [lost('{cinder}.services', 'id, host, `binary`, deleted', "10, 'src@nfs', 'cinder-backup', 0")],
    row: { id: 'cinder-backup on src@nfs', key: 'src@nfs' },
  },
  {
    id: 'neutron/port-instance',
    sql: [
      lost(
        '{neutron}.ports',
        'id, mac_address, network_id, device_id, device_owner, standard_attr_id',
        "'po1', 'm-po1', 'net1', 'dead', 'compute:nova', 21",
      ),
    ],
    row: { id: 'po1', key: 'dead' },
  },
  {
    id: 'neutron/port-host',
    sql: [
      lost(
        '{neutron}.ports',
        'id, mac_address, network_id, device_id, device_owner, standard_attr_id',
        "'po2', 'm-po2', 'net1', 'i1', 'compute:nova', 22",
      ),
      lost('{neutron}.ml2_port_bindings', 'port_id, host, status', "'po2', 'cmp7', 'ACTIVE'"),
    ],
    row: { id: 'po2', key: 'i1 cmp7' },
  },
  {
    id: 'neutron/port-router',
    sql: [
      lost(
        '{neutron}.ports',
        'id, mac_address, network_id, device_id, device_owner, standard_attr_id',
        "'po3', 'm-po3', 'net1', 'ro9', 'network:router_gateway', 23",
      ),
    ],
    row: { id: 'po3', key: 'ro9' },
  },
  {
    id: 'neutron/port-floating',
    sql: [
      lost(
        '{neutron}.ports',
        'id, mac_address, network_id, device_id, device_owner, standard_attr_id',
        "'po4', 'm-po4', 'net1', 'fip9', 'network:floatingip', 24",
      ),
    ],
    row: { id: 'po4', key: 'fip9' },
  },
  {
    id: 'neutron/port-dhcp',
    sql: [
      lost(
        '{neutron}.ports',
        'id, mac_address, network_id, device_id, device_owner, standard_attr_id',
        "'po5', 'm-po5', 'net9', 'dhcp1-net9', 'network:dhcp', 25",
      ),
    ],
    row: { id: 'po5', key: 'net9' },
  },
  {
    id: 'neutron/router-agent',
    sql: [lost('{neutron}.routerl3agentbindings', 'router_id, l3_agent_id, binding_index', "'ro1', 'ag9', 2")],
    row: { id: 'ro1 ag9', key: 'ag9' },
  },
  {
    id: 'neutron/floating-address',
    sql: [
      lost(
        '{neutron}.floatingips',
        'id, floating_port_id, fixed_port_id, fixed_ip_address, standard_attr_id',
        `'fip2', 'po4', '${port}1', '10.0.0.77', 26`,
      ),
    ],
    row: { id: 'fip2', key: `${port}1 10.0.0.77` },
  },
  {
    id: 'neutron/port-group',
    sql: [lost('{neutron}.securitygroupportbindings', 'port_id, security_group_id', `'${port}1', 'sg9'`)],
    row: { id: `${port}1 sg9`, key: 'sg9' },
  },
  {
    id: 'neutron/agent-host',
    sql: [lost('{neutron}.agents', 'id, host, `binary`', "'ag2', 'src', 'neutron-l3-agent'")],
    row: { id: 'neutron-l3-agent on src', key: 'src' },
  },
  {
    id: 'placement/allocation-consumer',
    sql: [lost('{placement}.allocations', 'id, resource_provider_id, consumer_id, used', "10, 1, 'nobody', 1")],
    row: { id: '10', key: 'nobody' },
  },
  {
    id: 'placement/allocation-instance',
    sql: [lost('{placement}.allocations', 'id, resource_provider_id, consumer_id, used', "11, 1, 'dead', 1")],
    row: { id: 'dead', key: 'dead' },
  },
  {
    id: 'placement/instance-allocation',
    sql: [
      lost(
        '{nova}.instances',
        'id, uuid, project_id, host, node, vm_state, deleted',
        "14, 'x6', 'p1', 'cmp1', 'cmp1.example', 'active', 0",
      ),
    ],
    row: { id: 'x6', key: 'x6' },
  },
  {
    id: 'placement/instance-provider',
    sql: [
      lost(
        '{nova}.instances',
        'id, uuid, project_id, host, node, vm_state, deleted',
        "15, 'x7', 'p1', 'cmp1', 'other', 'stopped', 0",
      ),
      lost('{placement}.allocations', 'id, resource_provider_id, consumer_id, used', "12, 1, 'x7', 1"),
    ],
    row: { id: 'x7', key: 'x7 other' },
  },
  {
    id: 'placement/node-provider',
    sql: [lost('{nova}.compute_nodes', 'id, uuid, host, hypervisor_hostname, deleted', "11, 'cn3', 'cmp1', 'cmp3', 0")],
    row: { id: 'cmp3', key: 'cn3 cmp3' },
  },
  {
    id: 'glance/image-location',
    sql: [lost('{glance}.images', 'id, size, status, deleted', "'im8', 5, 'active', 0")],
    row: { id: 'im8', key: 'im8' },
  },
  {
    id: 'glance/instance-image',
    sql: [lost('{nova}.instances', 'id, uuid, project_id, image_ref, deleted', "16, 'x8', 'p1', 'im9', 0")],
    row: { id: 'x8', key: 'im9' },
  },
  {
    id: 'glance/project-of-image',
    sql: [lost('{glance}.images', 'id, owner, status, deleted', "'im7', 'p9', 'queued', 0")],
    row: { id: 'im7', key: 'p9' },
  },
  {
    id: 'heat/stack-trust',
    sql: [
      lost('{heat}.user_creds', 'id, trust_id, trustor_user_id, tenant_id', "2, 'e', 'u1', 'p2'"),
      lost('{heat}.stack', 'id, user_creds_id', "'st2', 2"),
    ],
    row: { id: 'st2', key: 'u1 p2' },
  },
  {
    id: 'heat/stack-user',
    sql: [
      lost('{heat}.user_creds', 'id, trustor_user_id, tenant_id', "3, 'u9', 'p1'"),
      lost('{heat}.stack', 'id, user_creds_id', "'st3', 3"),
    ],
    row: { id: 'st3', key: 'u9' },
  },
  {
    id: 'heat/stack-domain-project',
    sql: [lost('{heat}.stack', 'id, stack_user_project_id', "'st4', 'p9'")],
    row: { id: 'st4', key: 'p9' },
  },
  {
    id: 'heat/engine-host',
    sql: [lost('{heat}.service', 'id, host, engine_id', "'e2', 'src', 'e'")],
    row: { id: 'e2', key: 'src' },
  },
  {
    id: 'barbican/project-of-secret',
    sql: [
      lost('{barbican}.projects', `id, external_id, ${made}`, `'bp9', 'p9', ${now}`),
      lost('{barbican}.secrets', `id, project_id, ${made}`, `'sec9', 'bp9', ${now}`),
    ],
    row: { id: 'sec9', key: 'p9' },
  },
  {
    id: 'barbican/project-of-container',
    sql: [
      lost('{barbican}.projects', `id, external_id, ${made}`, `'bp8', 'p8', ${now}`),
      lost('{barbican}.containers', `id, project_id, ${made}`, `'con8', 'bp8', ${now}`),
    ],
    row: { id: 'con8', key: 'p8' },
  },
  {
    id: 'barbican/volume-key',
    sql: [
      lost(
        '{cinder}.volumes',
        'id, project_id, volume_type_id, encryption_key_id, deleted',
        "'v8', 'p1', 'vt1', 's9', 0",
      ),
    ],
    row: { id: 'v8', key: 's9' },
  },
  {
    id: 'barbican/secret-key',
    sql: [lost('{barbican}.encrypted_data', `id, secret_id, kek_id, ${made}`, `'en9', 'sec2', 'k9', ${now}`)],
    row: { id: 'sec2', key: 'k9' },
  },
  {
    id: 'keystone/assignment-actor',
    sql: [
      lost(
        '{keystone}.assignment',
        'type, actor_id, target_id, role_id, inherited',
        "'UserProject', 'u8', 'p1', 'r1', 0",
      ),
    ],
    row: { id: 'u8 p1 r1', key: 'u8' },
  },
  {
    id: 'keystone/assignment-target',
    sql: [
      lost(
        '{keystone}.assignment',
        'type, actor_id, target_id, role_id, inherited',
        "'UserProject', 'u1', 'p8', 'r1', 0",
      ),
    ],
    row: { id: 'u1 p8 r1', key: 'p8' },
  },
  {
    id: 'keystone/assignment-role',
    sql: [
      lost(
        '{keystone}.assignment',
        'type, actor_id, target_id, role_id, inherited',
        "'UserProject', 'u1', 'p1', 'r8', 0",
      ),
    ],
    row: { id: 'u1 p1 r8', key: 'r8' },
  },
  {
    id: 'keystone/credential-user',
    sql: [lost('{keystone}.credential', 'id, user_id', "'c2', 'u7'")],
    row: { id: 'c2', key: 'u7' },
  },
  {
    id: 'keystone/application-credential-user',
    sql: [lost('{keystone}.application_credential', 'id, name, user_id', "'ac2', 'n', 'u6'")],
    row: { id: 'ac2', key: 'u6' },
  },
  {
    id: 'nova/project-of-instance',
    sql: [lost('{nova}.instances', 'id, uuid, project_id, deleted', "17, 'x9', 'p7', 0")],
    row: { id: 'x9', key: 'p7' },
  },
  {
    id: 'cinder/project-of-volume',
    sql: [lost('{cinder}.volumes', 'id, project_id, volume_type_id, deleted', "'v5', 'p6', 'vt1', 0")],
    row: { id: 'v5', key: 'p6' },
  },
  {
    id: 'neutron/project-of-network',
    sql: [lost('{neutron}.networks', 'id, project_id, standard_attr_id', "'net5', 'p5', 27")],
    row: { id: 'net5', key: 'p5' },
  },
]
