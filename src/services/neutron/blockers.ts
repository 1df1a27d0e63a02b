import type { Blocker, Probe } from '../../releases/blocker.ts'
import { stamp } from './tools.ts'

const twice = (table: string, columns: readonly string[], shown: string, and = ''): Probe => {
  const list = columns.map((column) => `\`${column}\``).join(', ')
  return {
    needs: { [table]: columns },
    from: `(SELECT ${list} FROM {${table}}${and} GROUP BY ${list} HAVING COUNT(*) > 1) d`,
    example: shown,
  }
}

/** Networks that a core plugin from before ml2 bound, where ml2 has not bound them. */
const withoutMl2 = (table: string): Probe => ({
  needs: { [table]: ['network_id'] },
  from: `{${table}} b WHERE NOT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = 'ml2_network_segments')`,
  example: "CONCAT('network ', b.`network_id`)",
})

const byHand = { always: false, level: 'block', repo: 'neutron' } as const

export const neutronBlockers: readonly Blocker[] = [
  {
    ...byHand,
    id: 'neutron-unversioned',
    stops: { release: 'icehouse', migration: 'havana_initial' },
    at: 'unversioned havana',
    rows: 'tables but no alembic_version: neutron-server made them itself',
    asks: [{ needs: { networks: [] }, from: '(SELECT 1) u', example: "'no alembic_version table'" }],
    mends: [{ by: ['havana', 'kilo'], argv: stamp('havana'), when: 'before' }],
    source: 'without it the first hop says "Table \'networks\' already exists"',
  },
  {
    ...byHand,
    id: 'neutron-plugin-gone',
    stops: {
      release: 'juno',
      migration: 'none: these plugins are gone, and their tables become empty ones of ml2',
    },
    rows: 'networks of a plugin from before ml2 (openvswitch, linuxbridge, hyperv)',
    asks: ['ovs_network_bindings', 'network_bindings', 'hyperv_network_bindings'].map(withoutMl2),
    hand:
      'before the swap, move the old controller to ml2 with the code of icehouse: fill portbindingports with the host of every port first' +
      ' (grizzly has no such table, and a port that is not in it gets no binding), then python -m neutron.db.migration.migrate_to_ml2 PLUGIN URL (openvswitch or linuxbridge, hyperv with the code of kilo;' +
      ' --tunnel-type gre or vxlan where networks are tunnels)',
    source:
      'neutron/db/migration/migrate_to_ml2.py is in 2014.1 to 2015.1; seen with openvswitch: 2 ports, no bindings, exit 0',
  },
  {
    ...byHand,
    id: 'neutron-duplicate-ha-bindings',
    stops: { release: 'mitaka', migration: '1df244e556f5' },
    rows: 'HA routers bound twice to one L3 agent',
    asks: [twice('ha_router_agent_port_bindings', ['router_id', 'l3_agent_id'], "CONCAT('router ', d.`router_id`)")],
    hand: 'delete all but one row of each group from ha_router_agent_port_bindings',
    source: 'neutron 1df244e556f5_add_unique_ha_router_agent_port_bindings.py, check_sanity',
  },
  {
    ...byHand,
    id: 'neutron-duplicate-router-ports',
    stops: { release: 'newton', migration: '030a959ceafa' },
    rows: 'ports that belong to two routers',
    asks: [twice('routerports', ['port_id'], "CONCAT('port ', d.`port_id`)")],
    hand: 'delete all but one row of each port from routerports',
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
    hand: 'disassociate or delete all but one floating IP of each',
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
    hand: 'delete all but one row of each group from quotas',
    source: 'neutron f010820fc498_add_unique_quotas_project_resource.py, check_sanity',
  },
]
