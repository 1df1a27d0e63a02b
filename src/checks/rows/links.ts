import { absent, joined, type RowCheck, rows } from './row-check.ts'

/** Rows that name something in another table or database, which is not there. */
export const linkRows: readonly RowCheck[] = [
  {
    id: 'nova/servers-on-unknown-hosts',
    level: 'block',
    title: 'The host of every server is a compute',
    source: 'known failures P42, P43: a compute that was renamed would take its servers for evacuated ones',
    repo: 'nova',
    rows: 'servers are on a host that no nova-compute answers for',
    asks: [
      joined(
        { instances: ['uuid', 'host', 'deleted'], services: ['host', 'binary', 'deleted'] },
        '{instances} i WHERE i.`deleted` = 0 AND i.`host` IS NOT NULL' +
          ` AND ${absent('i.`host`', '`host`', "{services} WHERE `deleted` = 0 AND `binary` = 'nova-compute'")}`,
        "CONCAT(i.`uuid`, ' on ', i.`host`)",
      ),
    ],
    remedy: 'Give the host its old name back, or delete or evacuate these servers',
  },
  {
    id: 'nova/other-cells',
    level: 'block',
    title: 'Every cell lies in a database that is carried over',
    source: 'known failure P37; nova/objects/cell_mapping.py: {path} is a template',
    repo: 'nova_api',
    rows: 'cells keep their servers in a database that swapctl does not carry',
    asks: [
      rows(
        'cell_mappings',
        ['uuid', 'name', 'database_connection'],
        "SUBSTRING_INDEX(SUBSTRING_INDEX(`database_connection`, '?', 1), '/', -1) NOT IN ('nova', 'nova_cell0', '{path}')",
        "CONCAT(COALESCE(`name`, `uuid`), ': ', SUBSTRING_INDEX(SUBSTRING_INDEX(`database_connection`, '?', 1), '/', -1))",
      ),
    ],
    remedy:
      'swapctl swaps a controller of one cell besides cell0: a further cell has to be moved by hand, with its own controller',
  },
  {
    id: 'nova/lost-volumes',
    level: 'warn',
    title: 'Volumes of servers exist',
    source: 'known failures P56, P57: a hard reboot asks cinder for each of them',
    repo: 'nova',
    rows: 'disks of servers are volumes that cinder does not have',
    asks: [
      joined(
        { block_device_mapping: ['volume_id', 'instance_uuid', 'deleted'], 'cinder.volumes': ['id', 'deleted'] },
        '{block_device_mapping} m WHERE m.`deleted` = 0 AND m.`volume_id` IS NOT NULL' +
          ` AND ${absent('m.`volume_id`', '`id`', '{cinder.volumes} WHERE `deleted` = 0')}`,
        "CONCAT(m.`volume_id`, ' of ', m.`instance_uuid`)",
      ),
    ],
    remedy: 'The server will not start again with it: openstack server remove volume SERVER VOLUME',
  },
  {
    id: 'neutron/failed-bindings',
    level: 'warn',
    title: 'No port failed to be bound',
    source: 'known failure P83: VIF binding failed',
    repo: 'neutron',
    rows: 'ports could not be bound',
    asks: [
      rows(
        'ml2_port_bindings',
        ['port_id', 'host', 'vif_type'],
        "`vif_type` = 'binding_failed'",
        "CONCAT(`port_id`, ' on ', `host`)",
      ),
    ],
    remedy:
      'They have no network now and will have none afterwards: mend them first (openstack port set --host HOST ID)',
  },
  {
    id: 'neutron/bindings-on-unknown-hosts',
    level: 'warn',
    title: 'Ports of servers are bound where an agent is',
    source: 'known failure P80: a port that is bound to a host that was renamed',
    repo: 'neutron',
    rows: 'ports of servers are bound to a host without an agent',
    asks: [
      joined(
        { ports: ['id', 'device_owner'], ml2_port_bindings: ['port_id', 'host', 'vif_type'], agents: ['host'] },
        "{ml2_port_bindings} b JOIN {ports} p ON p.`id` = b.`port_id` WHERE p.`device_owner` LIKE 'compute:%'" +
          ` AND b.\`vif_type\` = 'ovs' AND b.\`host\` <> '' AND ${absent('b.`host`', '`host`', '{agents}')}`,
        "CONCAT(b.`port_id`, ' on ', b.`host`)",
      ),
    ],
    remedy: 'Look which name the host has now (openstack network agent list)',
  },
  {
    id: 'neutron/local-externals',
    level: 'block',
    title: 'External networks lead out',
    source: 'known failure P82: external networks of the type local, from before provider networks',
    repo: 'neutron',
    rows: 'external networks are of the type local, which leads nowhere',
    asks: [
      joined(
        { externalnetworks: ['network_id'], networksegments: ['network_id', 'network_type'] },
        "{externalnetworks} e JOIN {networksegments} s ON s.`network_id` = e.`network_id` WHERE s.`network_type` = 'local'",
        'e.`network_id`',
      ),
    ],
    remedy: 'Give their segment the type and the physical network that it has in truth (flat or vlan), on the source',
  },
  {
    id: 'placement/lost-providers',
    level: 'block',
    title: 'Allocations are of providers that exist',
    source: 'known failures P32, P45: placement has no foreign keys between them',
    repo: 'placement',
    rows: 'allocations are of a resource provider that is gone',
    asks: [
      joined(
        { allocations: ['consumer_id', 'resource_provider_id'], resource_providers: ['id'] },
        '{allocations} a LEFT JOIN {resource_providers} p ON p.`id` = a.`resource_provider_id` WHERE p.`id` IS NULL',
        "CONCAT(a.`consumer_id`, ' of provider ', a.`resource_provider_id`)",
      ),
    ],
    remedy: 'On the old controller: nova-manage placement heal_allocations, after these rows are deleted',
  },
  {
    id: 'keystone/endpoints-without-region',
    level: 'warn',
    title: 'Endpoints are of a region',
    source: 'known failure P77; services that name a region do not find an endpoint without one',
    repo: 'keystone',
    rows: 'enabled endpoints are of no region',
    asks: [rows('endpoint', ['id', 'url', 'region_id', 'enabled'], '`enabled` = 1 AND `region_id` IS NULL', '`url`')],
    remedy: 'openstack endpoint set --region REGION ID',
  },
]
