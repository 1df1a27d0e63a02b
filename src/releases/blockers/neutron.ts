import type { Blocker, Probe } from '../blocker.ts'

const twice = (table: string, columns: readonly string[], shown: string, and = ''): Probe => {
  const list = columns.map((column) => `\`${column}\``).join(', ')
  return {
    needs: { [table]: columns },
    from: `(SELECT ${list} FROM {${table}}${and} GROUP BY ${list} HAVING COUNT(*) > 1) d`,
    example: shown,
  }
}

const byHand = { always: false, level: 'block', repo: 'neutron' } as const

export const neutronBlockers: readonly Blocker[] = [
  {
    ...byHand,
    id: 'neutron-unversioned',
    stops: { release: 'icehouse', migration: 'havana_initial' },
    at: 'unversioned havana',
    rows: 'tables but no alembic_version: neutron-server made them itself',
    asks: [{ needs: { networks: [] }, from: '(SELECT 1) u', example: "'no alembic_version table'" }],
    command:
      'neutron-db-manage --config-file neutron.conf --config-file PLUGIN.ini stamp havana, on the copy, before the first sync',
    source: 'without it the first hop says "Table \'networks\' already exists"',
  },
  {
    ...byHand,
    id: 'neutron-duplicate-ha-bindings',
    stops: { release: 'mitaka', migration: '1df244e556f5' },
    rows: 'HA routers bound twice to one L3 agent',
    asks: [twice('ha_router_agent_port_bindings', ['router_id', 'l3_agent_id'], "CONCAT('router ', d.`router_id`)")],
    command: 'delete all but one row of each group from ha_router_agent_port_bindings',
    source: 'neutron 1df244e556f5_add_unique_ha_router_agent_port_bindings.py, check_sanity',
  },
  {
    ...byHand,
    id: 'neutron-duplicate-router-ports',
    stops: { release: 'newton', migration: '030a959ceafa' },
    rows: 'ports that belong to two routers',
    asks: [twice('routerports', ['port_id'], "CONCAT('port ', d.`port_id`)")],
    command: 'delete all but one row of each port from routerports',
    source: 'neutron 030a959ceafa_uniq_routerports0port_id.py, check_sanity',
  },
  {
    ...byHand,
    id: 'neutron-duplicate-floating-ips',
    stops: { release: 'newton', migration: '6b461a21bcfc' },
    rows: 'floating IPs that share one fixed IP',
    asks: [
      twice(
        'floatingips',
        ['floating_network_id', 'fixed_port_id', 'fixed_ip_address'],
        "CONCAT('fixed IP ', d.`fixed_ip_address`)",
        ' WHERE `fixed_ip_address` IS NOT NULL',
      ),
    ],
    command: 'disassociate or delete all but one floating IP of each',
    source: 'neutron 6b461a21bcfc_uniq_floatingips0floating_network_.py, check_sanity',
  },
  {
    ...byHand,
    id: 'neutron-duplicate-quotas',
    stops: { release: 'wallaby', migration: 'f010820fc498' },
    rows: 'duplicate quotas of one project and resource',
    asks: [
      twice('quotas', ['project_id', 'resource'], "CONCAT(d.`project_id`, ' ', d.`resource`)"),
      // the column's name up to mitaka
      twice('quotas', ['tenant_id', 'resource'], "CONCAT(d.`tenant_id`, ' ', d.`resource`)"),
    ],
    command: 'delete all but one row of each group from quotas',
    source: 'neutron f010820fc498_add_unique_quotas_project_resource.py, check_sanity',
  },
]
