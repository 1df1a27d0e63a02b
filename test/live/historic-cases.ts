import type { Finding } from '../../src/engine/step.ts'

/** A blocker, a database without its rows and one with them, and the message. */
export interface Case {
  readonly id: string
  /** database without a finding */
  readonly silent: string
  /** database with a finding; absent: the silent one after `insert` */
  readonly fires?: string
  readonly insert?: readonly string[]
  readonly charset?: string
  readonly beside?: string
  readonly hops: string
  readonly rows: number
  readonly level: Finding['level']
  readonly remedy: RegExp
}

const stage = (name: string) => `rows/kilo-to-pike-nova/${name}`
const online =
  /^On the old controller, before the freeze, run `(nova|cinder)-manage db online_data_migrations`; or configure an environment of/
const itself = (release: string) =>
  new RegExp(`^Nothing to do: when the sync of ${release} refuses the copy, its code will run`)
const copy = /^Nothing to do: SQL fixes the copy before /

export const cases: readonly Case[] = [
  {
    id: 'nova-null-instance-uuid',
    silent: 'juno/nova',
    insert: [
      'INSERT INTO block_device_mapping (instance_uuid, deleted) VALUES (NULL, 0), (NULL, 7)',
      'INSERT INTO fixed_ips (address) VALUES (1)',
    ],
    hops: 'kilo',
    rows: 2,
    level: 'warn',
    remedy: /on the copy the code of kilo will run .*null_instance_uuid_scan --delete.* before its sync/,
  },
  {
    id: 'nova-unmigrated-flavors',
    silent: stage('1-kilo-flavors-migrated/nova'),
    fires: 'rows/kilo/nova',
    hops: 'mitaka newton pike',
    rows: 1,
    level: 'block',
    remedy: /^On the old controller, before the freeze, run .*migrate_flavor_data.*\[hop kilo\]/,
  },
  {
    id: 'nova-mitaka-online',
    silent: stage('3-mitaka-online-done/nova'),
    fires: stage('2-mitaka-synced-no-online-newton-blocked-at-330/nova'),
    hops: 'newton pike',
    rows: 3,
    level: 'block',
    remedy: online,
  },
  {
    id: 'nova-newton-online',
    silent: stage('5-newton-online-done/nova'),
    fires: stage('4-newton-synced-no-online-pike-blocked-at-345/nova'),
    hops: 'pike',
    rows: 8,
    level: 'block',
    remedy: online,
  },
  {
    id: 'nova-api-cells',
    silent: stage('6-newton-cells-mapped/nova_api'),
    fires: stage('5b-api-blocked-at-030/nova_api'),
    hops: 'pike',
    rows: 1,
    level: 'warn',
    remedy: itself('pike'),
  },
  {
    id: 'nova-no-computes',
    silent: 'rows/kilo/nova',
    fires: 'kilo/nova',
    hops: 'mitaka newton pike',
    rows: 5,
    level: 'block',
    remedy: /^By hand: let a nova-compute report/,
  },
  {
    id: 'nova-request-specs',
    silent: 'rocky/nova',
    beside: 'rocky/nova_api',
    insert: ["INSERT INTO instances (uuid, deleted) VALUES ('u-1', 0), ('u-2', 2)"],
    hops: 'train',
    rows: 1,
    level: 'warn',
    remedy: online,
  },
  {
    id: 'nova-service-uuids',
    silent: 'stein/nova',
    insert: [
      "INSERT INTO services (host, report_count, uuid, deleted) VALUES ('a', 0, NULL, 0), ('b', 0, 'u', 0), ('c', 0, NULL, 3)",
    ],
    hops: 'train',
    rows: 1,
    level: 'block',
    remedy: online,
  },
  {
    id: 'cinder-consistency-groups',
    silent: 'ocata/cinder',
    insert: [
      "INSERT INTO consistencygroups (id, deleted) VALUES ('g-1', 0), ('g-2', 1)",
      "INSERT INTO messages (id, project_id, event_id, message_level, deleted) VALUES ('m-1', 'p', '000002', 'ERROR', 0), ('m-2', 'p', 'VOLUME_000002', 'ERROR', 0)",
    ],
    hops: 'pike',
    rows: 2,
    level: 'block',
    remedy: online,
  },
  {
    id: 'cinder-service-uuids',
    silent: 'rocky/cinder',
    insert: [
      "INSERT INTO services (host, report_count, uuid, deleted) VALUES ('a', 0, NULL, 0)",
      "INSERT INTO attachment_specs (attachment_id, deleted) VALUES ('a-1', 0)",
    ],
    hops: 'train',
    rows: 2,
    level: 'warn',
    remedy: copy,
  },
  {
    id: 'cinder-untyped-volumes',
    silent: 'train/cinder',
    insert: [
      "INSERT INTO volumes (id, deleted, volume_type_id) VALUES ('v-1', 0, NULL), ('v-2', 0, 't'), ('v-3', 1, NULL)",
      "INSERT INTO snapshots (id, volume_id, deleted) VALUES ('s-1', 'v-1', 0)",
    ],
    hops: 'wallaby',
    rows: 2,
    level: 'block',
    remedy: online,
  },
  {
    id: 'cinder-untyped-deleted-volumes',
    silent: 'train/cinder',
    insert: ["INSERT INTO volumes (id, deleted, volume_type_id) VALUES ('v-1', 0, NULL), ('v-3', 1, NULL)"],
    hops: 'wallaby',
    rows: 1,
    level: 'warn',
    remedy: copy,
  },
  {
    id: 'cinder-duplicate-quota-usages',
    silent: 'train/cinder',
    insert: [
      'ALTER TABLE quota_usages ADD race_preventer BOOL',
      "INSERT INTO quota_usages (project_id, resource, in_use, reserved, race_preventer) VALUES ('p', 'volumes', 1, 0, 1), ('p', 'volumes', 2, 0, 1), ('p', 'gigabytes', 1, 0, NULL), ('p', 'gigabytes', 1, 0, NULL)",
    ],
    hops: 'wallaby',
    rows: 1,
    level: 'block',
    remedy: /^By hand: delete all but one/,
  },
  ...['cinder-use-quota', 'cinder-use-quota-deleted'].map(
    (id): Case => ({
      id,
      silent: 'zed/cinder',
      insert: [
        "INSERT INTO volumes (id, volume_type_id, deleted, use_quota) VALUES ('v-1', 't', 0, 1), ('v-2', 't', 0, NULL), ('v-3', 't', 1, NULL)",
      ],
      hops: 'epoxy',
      rows: 1,
      level: id.endsWith('deleted') ? 'warn' : 'block',
      remedy: id.endsWith('deleted') ? copy : online,
    }),
  ),
  {
    id: 'neutron-unversioned',
    silent: 'havana/neutron',
    fires: 'havana/neutron-unversioned',
    hops: 'icehouse',
    rows: 1,
    level: 'warn',
    remedy: /on the copy the code of icehouse will run .*stamp havana` before its sync/,
  },
  {
    id: 'neutron-plugin-gone',
    silent: 'havana/neutron-ovs',
    insert: [
      'CREATE TABLE network_bindings (network_id VARCHAR(36) PRIMARY KEY, physical_network VARCHAR(64), vlan_id INT NOT NULL)',
      "INSERT INTO network_bindings (network_id, physical_network, vlan_id) VALUES ('n1', 'physnet1', 7), ('n2', NULL, -2)",
      'CREATE TABLE hyperv_network_bindings (network_id VARCHAR(36) PRIMARY KEY, network_type VARCHAR(32) NOT NULL)',
      "INSERT INTO hyperv_network_bindings (network_id, network_type) VALUES ('n3', 'vlan')",
    ],
    hops: 'juno',
    rows: 3,
    level: 'block',
    remedy: /^By hand: .*\.migrate_to_ml2 PLUGIN URL \(openvswitch or linuxbridge,/,
  },
  {
    id: 'neutron-plugin-gone',
    silent: 'havana/neutron',
    fires: 'rows/havana/neutron-ovs',
    hops: 'kilo pike',
    rows: 2,
    level: 'block',
    remedy: /^By hand: before the swap, move the old controller to ml2/,
  },
  {
    id: 'neutron-duplicate-ha-bindings',
    silent: 'kilo/neutron',
    insert: [
      "INSERT INTO ha_router_agent_port_bindings (port_id, router_id, l3_agent_id) VALUES ('p1', 'r', 'a'), ('p2', 'r', 'a'), ('p3', 'r', 'b')",
    ],
    hops: 'pike',
    rows: 1,
    level: 'block',
    remedy: /^By hand/,
  },
  {
    id: 'neutron-duplicate-router-ports',
    silent: 'kilo/neutron',
    insert: ["INSERT INTO routerports (router_id, port_id) VALUES ('r1', 'p'), ('r2', 'p'), ('r2', 'q')"],
    hops: 'pike',
    rows: 1,
    level: 'block',
    remedy: /^By hand/,
  },
  {
    id: 'neutron-duplicate-floating-ips',
    silent: 'mitaka/neutron',
    insert: [
      `INSERT INTO floatingips (id, floating_ip_address, floating_network_id, floating_port_id, fixed_port_id, fixed_ip_address, standard_attr_id)
       VALUES ('1', 'a', 'n', 'x', 'p', '10.0.0.10', 1), ('2', 'b', 'n', 'y', 'p', '10.0.0.10', 2), ('3', 'c', 'n', 'z', NULL, NULL, 3), ('4', 'd', 'n', 'w', NULL, NULL, 4)`,
    ],
    hops: 'pike',
    rows: 1,
    level: 'block',
    remedy: /^By hand/,
  },
  ...['train/neutron', 'kilo/neutron'].map(
    (silent): Case => ({
      id: 'neutron-duplicate-quotas',
      silent,
      insert: [
        `INSERT INTO quotas (id, ${silent.startsWith('kilo') ? 'tenant_id' : 'project_id'}, resource) VALUES ('1', 'p', 'port'), ('2', 'p', 'port'), ('3', 'p', 'network')`,
      ],
      hops: 'epoxy',
      rows: 1,
      level: 'block',
      remedy: /^By hand/,
    }),
  ),
  ...['keystone', 'glance', 'heat'].map(
    (service): Case => ({
      id: `${service}-charset`,
      silent: `havana/${service}`,
      fires: `havana-latin1/${service}`,
      charset: 'latin1',
      hops: 'icehouse',
      rows: { keystone: 17, glance: 5, heat: 8 }[service] ?? 0,
      level: 'block',
      remedy: /CONVERT TO CHARACTER SET utf8/,
    }),
  ),
  {
    id: 'keystone-credential-keys',
    silent: 'kilo/keystone',
    fires: 'rows/kilo/keystone',
    hops: 'pike',
    rows: 1,
    level: 'warn',
    remedy: /on the copy the code of pike will run .*credential_setup/,
  },
  {
    id: 'heat-legacy-revision',
    silent: 'rocky/heat',
    fires: 'queens/heat',
    hops: 'epoxy',
    rows: 1,
    level: 'block',
    remedy: /^Add a hop of one of rocky to 2023.1 before 2025.1/,
  },
  {
    id: 'placement-root-providers',
    silent: 'stein/placement',
    insert: ["INSERT INTO resource_providers (id, uuid, root_provider_id) VALUES (1, 'u1', NULL), (2, 'u2', 2)"],
    hops: 'train',
    rows: 1,
    level: 'warn',
    remedy: itself('train'),
  },
  {
    id: 'placement-consumers',
    silent: 'stein/placement',
    insert: [
      "INSERT INTO consumers (uuid, project_id, user_id) VALUES ('c-1', 1, 1)",
      "INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used) VALUES (1, 'c-1', 1, 1), (1, 'c-2', 1, 1)",
    ],
    hops: 'train',
    rows: 1,
    level: 'warn',
    remedy: itself('train'),
  },
]
