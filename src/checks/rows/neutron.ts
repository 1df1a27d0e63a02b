import { type RowCheck, renamed, rows } from './row-check.ts'

export const neutronRows: readonly RowCheck[] = [
  {
    id: 'neutron/dead-agents',
    level: 'warn',
    title: 'Network agents that report no more',
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
    remedy: 'Delete those that are gone: openstack network agent delete ID. Ports and routers may be bound to them',
    source: 'neutron/db/agents_db.py; known failure P80',
  },
  {
    id: 'neutron/duplicate-agents',
    level: 'block',
    title: 'Network agents with two names',
    repo: 'neutron',
    rows: 'agents have a row by their short and one by their full name',
    asks: [renamed('agents', 'host', ['agent_type', 'binary'])],

    remedy: 'Look which of them is alive and delete the other: openstack network agent delete ID',
    source: 'neutron/db/models/agent.py, unique over agent_type and host; known failure P80',
  },
  {
    id: 'neutron/stuck-ports',
    level: 'warn',
    title: 'Ports that were never built',
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
    remedy: 'Look why their agent does not report them: openstack port show ID',
    source: 'neutron_lib/constants.py PORT_STATUS_BUILD; known failure P51',
  },
  {
    id: 'neutron/unbound-ports',
    level: 'block',
    title: 'Ports of servers without a binding',
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
    remedy: 'They get no network after a restart: bind them anew (openstack port set --host HOST ID)',
    source: 'neutron/plugins/ml2/models.py PortBinding; known failure P31',
  },
  {
    id: 'neutron/zero-mtu',
    level: 'block',
    title: 'Networks without an MTU',
    repo: 'neutron',
    rows: 'networks have an mtu of 0',
    asks: [rows('networks', ['id', 'mtu'], '`mtu` = 0', '`id`')],
    remedy: 'Give them one: openstack network set --mtu 1450 ID',
    source: 'neutron release note on the net-mtu extension and persisted MTU (pike); known failure P82',
  },
  {
    id: 'neutron/ovn',
    level: 'block',
    title: "OVN's own databases",
    repo: 'neutron',
    rows: "resources are mirrored to OVN's northbound database, which swapctl does not carry",
    asks: [
      rows(
        'ovn_revision_numbers',
        ['resource_uuid', 'resource_type', 'revision_number'],
        '`revision_number` >= 0',
        "CONCAT(`resource_type`, ' ', `resource_uuid`)",
      ),
    ],
    remedy: 'Keep the northbound and southbound databases on a machine of their own before the swap',
    source: 'neutron/db/models/ovn.py; neutron-ovn-db-sync-util; known failure P84',
  },
]
