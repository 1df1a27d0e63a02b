import { type RowCheck, renamed, rows } from '../row-check.ts'

export const neutronRows: readonly RowCheck[] = [
  {
    id: 'neutron/dead-agents',
    level: 'warn',
    title: 'All network agents report',
    repo: 'neutron',
    rows: 'agents have not reported for more than a day',
    asks: [
      rows(
        'agents',
        ['binary', 'host', 'heartbeat_timestamp'],
        '`heartbeat_timestamp` < UTC_TIMESTAMP() - INTERVAL 1 DAY',
        "CONCAT(`binary`, '@', `host`)",
      ),
    ],
    remedy: 'Delete those that are gone: openstack network agent delete ID',
    source: 'neutron/db/agents_db.py',
    why: 'Ports and routers may be bound to a dead agent.',
  },
  {
    id: 'neutron/duplicate-agents',
    level: 'block',
    title: 'Each network agent has one name',
    repo: 'neutron',
    rows: 'agents have two rows, one with their short and one with their full name',
    asks: [renamed('agents', 'host', ['agent_type', 'binary'])],

    remedy: 'Find out which one is alive and delete the other: openstack network agent delete ID',
    source: 'neutron/db/models/agent.py, unique over agent_type and host',
    why: 'Ports may be bound to the dead one of the two.',
  },
  {
    id: 'neutron/stuck-ports',
    level: 'warn',
    title: 'No port is stuck in BUILD',
    repo: 'neutron',
    rows: 'ports have been in BUILD for more than an hour',
    asks: [
      {
        needs: { ports: ['id', 'status', 'standard_attr_id'], standardattributes: ['id', 'updated_at'] },
        from:
          "{ports} p JOIN {standardattributes} a ON a.`id` = p.`standard_attr_id` WHERE p.`status` = 'BUILD'" +
          ' AND a.`updated_at` < UTC_TIMESTAMP() - INTERVAL 1 HOUR',
        example: 'p.`id`',
      },
    ],
    remedy: 'Find out why its agent does not report it: openstack port show ID',
    source: 'neutron_lib/constants.py PORT_STATUS_BUILD',
    why: 'The port has no network.',
  },
  {
    id: 'neutron/unbound-ports',
    level: 'block',
    title: 'Ports of servers have a binding',
    repo: 'neutron',
    rows: 'ports of servers have no row in ml2_port_bindings',
    asks: [
      {
        needs: { ports: ['id', 'device_owner'], ml2_port_bindings: ['port_id'] },
        from:
          '{ports} p LEFT JOIN {ml2_port_bindings} b ON b.`port_id` = p.`id`' +
          " WHERE p.`device_owner` LIKE 'compute:%' AND b.`port_id` IS NULL",
        example: 'p.`id`',
      },
    ],
    remedy: 'Bind them again: openstack port set --host HOST ID',
    source: 'neutron/plugins/ml2/models.py PortBinding',
    why: 'The server gets no network after a restart.',
  },
  {
    id: 'neutron/zero-mtu',
    level: 'block',
    title: 'Every network has an MTU',
    repo: 'neutron',
    rows: 'networks have an mtu of 0',
    asks: [rows('networks', ['id', 'mtu'], '`mtu` = 0', '`id`')],
    remedy: 'Set one: openstack network set --mtu 1450 ID',
    source: 'neutron release note on the net-mtu extension and persisted MTU (pike)',
    why: 'Servers get no valid MTU on such a network.',
  },
  {
    id: 'neutron/ovn',
    level: 'block',
    title: 'OVN keeps no state on the controller',
    repo: 'neutron',
    rows: "resources are mirrored to OVN's northbound database, which swapctl does not copy",
    asks: [
      rows(
        'ovn_revision_numbers',
        ['resource_uuid', 'resource_type', 'revision_number'],
        '`revision_number` >= 0',
        "CONCAT(`resource_type`, ' ', `resource_uuid`)",
      ),
    ],
    remedy: 'Move the northbound and southbound databases to another machine before the swap',
    source: 'neutron/db/models/ovn.py; neutron-ovn-db-sync-util',
    why: 'Networks would be missing: swapctl does not copy the OVN databases.',
  },
]
