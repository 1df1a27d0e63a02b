import { absent, joined, type RowCheck, rows } from '../row-check.ts'

export const neutronLinks: readonly RowCheck[] = [
  {
    id: 'neutron/failed-bindings',
    level: 'warn',
    title: 'No port failed to bind',
    source: 'neutron_lib/api/definitions/portbindings.py VIF_TYPE_BINDING_FAILED',
    why: 'The server has no network, before or after the swap.',
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
    remedy: 'Fix them first: openstack port set --host HOST ID',
  },
  {
    id: 'neutron/bindings-on-unknown-hosts',
    level: 'warn',
    title: 'Ports of servers are bound to a host with an agent',
    source: 'neutron/plugins/ml2/drivers/mech_agent.py: a port is bound by the agents of its host',
    why: 'No agent would wire the port.',
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
    remedy: 'Find out the current name of the host (openstack network agent list)',
  },
  {
    id: 'neutron/local-externals',
    level: 'block',
    title: 'External networks are not of type local',
    source:
      'https://docs.openstack.org/neutron/latest/admin/config-ml2.html: a network of type local stays on one host',
    why: 'Floating IPs on this network are unreachable.',
    repo: 'neutron',
    rows: 'external networks have the type local, which reaches no other machine',
    asks: [
      joined(
        { externalnetworks: ['network_id'], networksegments: ['network_id', 'network_type'] },
        "{externalnetworks} e JOIN {networksegments} s ON s.`network_id` = e.`network_id` WHERE s.`network_type` = 'local'",
        'e.`network_id`',
      ),
    ],
    remedy: 'Set the real type (flat or vlan) and physical network of the segment on the source',
  },
]
