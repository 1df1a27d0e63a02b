import { absent, joined, type RowCheck, renamed, rows } from './row-check.ts'

const live = '`deleted` = 0'
const both = 'a.`deleted` = 0 AND b.`deleted` = 0'
const stale = (column: string, unit: string): string => `${column} < UTC_TIMESTAMP() - INTERVAL ${unit}`

export const novaRows: readonly RowCheck[] = [
  {
    id: 'nova/stuck-servers',
    level: 'block',
    title: 'Servers stuck in a task',
    repo: 'nova',
    rows: 'servers have been in the same task for more than an hour',
    asks: [
      rows(
        'instances',
        ['uuid', 'task_state', 'updated_at', 'deleted'],
        `${live} AND \`task_state\` IS NOT NULL AND ${stale('COALESCE(`updated_at`, `created_at`)', '1 HOUR')}`,
        "CONCAT(`uuid`, ' ', `task_state`)",
      ),
    ],
    remedy: 'End each task, or give the server a state: openstack server set --state active|error ID',
    source: 'nova/compute/task_states.py; known failure P51',
  },
  {
    id: 'nova/open-migrations',
    level: 'block',
    title: 'Server migrations that never ended',
    repo: 'nova',
    rows: 'migrations of servers have been open for more than a day',
    asks: [
      rows(
        'migrations',
        ['id', 'status', 'updated_at', 'deleted'],
        `${live} AND \`status\` NOT IN ('confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done', 'finished') AND ${stale('COALESCE(`updated_at`, `created_at`)', '1 DAY')}`,
        "CONCAT('migration ', `id`, ' ', `status`)",
      ),
    ],
    remedy: 'Confirm, revert or abort them: openstack server migration list shows them',
    source: 'nova bug 1852610; nova/objects/migration.py; known failure P50',
  },
  {
    id: 'nova/dead-services',
    level: 'warn',
    title: 'Nova services that report no more',
    repo: 'nova',
    rows: 'services have not reported for more than a day',
    asks: [
      rows(
        'services',
        ['host', 'binary', 'last_seen_up', 'deleted'],
        `${live} AND ${stale('COALESCE(`last_seen_up`, `updated_at`, `created_at`)', '1 DAY')}`,
        "CONCAT(`binary`, '@', `host`)",
      ),
    ],
    remedy: 'Delete those that are gone (openstack compute service delete ID): their old versions hold RPC back',
    source: 'nova/objects/service.py get_minimum_version; known failure P41',
  },
  {
    id: 'nova/duplicate-services',
    level: 'block',
    title: 'Nova services with two rows',
    repo: 'nova',
    rows: 'services are there by their short and by their full name',
    asks: [renamed('services', 'host', ['binary', 'deleted'], both)],

    remedy: 'Look which of them reports (openstack compute service list) and delete the other',
    source: 'nova/db/main/models.py Service, unique over host and binary; known failure P44',
  },
  {
    id: 'nova/duplicate-hypervisors',
    level: 'block',
    title: 'Hypervisors with two rows',
    repo: 'nova',
    rows: 'hypervisors have more than one row, by short and by full name',
    asks: [
      renamed('compute_nodes', 'hypervisor_hostname', ['deleted'], both),
      joined(
        { compute_nodes: ['host', 'hypervisor_hostname', 'deleted'] },
        `{compute_nodes} a JOIN {compute_nodes} b ON a.\`hypervisor_hostname\` = b.\`hypervisor_hostname\` AND a.\`id\` < b.\`id\` WHERE ${both}`,
        "CONCAT(a.`hypervisor_hostname`, ' of ', COALESCE(a.`host`, '-'), ' and ', COALESCE(b.`host`, '-'))",
      ),
    ],

    remedy: 'Move the servers of the dead one to the live one (instances.node), then delete its compute service',
    source: 'nova bug 1419785; known failure P44',
  },
  {
    id: 'nova/null-uuids',
    level: 'block',
    title: 'Servers and compute nodes without a UUID',
    repo: 'nova',
    rows: 'rows have no uuid',
    asks: [
      rows('compute_nodes', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('compute node ', `id`)"),
      rows('services', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('service ', `id`)"),
      rows('instances', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('instance ', `id`)"),
    ],
    remedy: 'Let the running release give them one: nova-manage db online_data_migrations, and restart its services',
    source: 'nova 345_require_online_migration_completion.py; nova/objects/service.py; known failure P23',
  },
  {
    id: 'nova/compute-without-service',
    level: 'block',
    title: 'Compute nodes whose service has no row',
    repo: 'nova',
    rows: 'compute nodes have no compute service',
    asks: [
      {
        needs: { compute_nodes: ['host', 'deleted'], services: ['host', 'binary', 'deleted'] },
        from:
          "{compute_nodes} c LEFT JOIN {services} s ON s.`host` = c.`host` AND s.`binary` = 'nova-compute' AND s.`deleted` = 0" +
          ' WHERE c.`deleted` = 0 AND s.`id` IS NULL',
        example: 'c.`host`',
      },
    ],
    remedy: 'Start nova-compute there, or delete what is left of it: openstack resource provider delete, and the row',
    source: 'nova/compute/manager.py _check_for_host_rename; known failure P42',
  },
  {
    id: 'nova/unmapped-hosts',
    level: 'block',
    title: 'Compute nodes in no cell',
    repo: 'nova',
    rows: 'compute nodes are mapped to no cell',
    asks: [
      joined(
        { compute_nodes: ['host', 'deleted'], 'nova_api.host_mappings': ['host'] },
        `{compute_nodes} c WHERE c.\`deleted\` = 0 AND c.\`host\` IS NOT NULL AND ${absent('c.`host`', '`host`', '{nova_api.host_mappings}')}`,
        'c.`host`',
      ),
    ],

    remedy: 'On the old controller: nova-manage cell_v2 discover_hosts',
    source: 'nova/cmd/manage.py cell_v2 discover_hosts; known failure P42',
  },
  {
    id: 'nova/unmapped-servers',
    level: 'block',
    title: 'Servers in no cell',
    repo: 'nova',
    rows: 'servers are mapped to no cell',
    asks: [
      joined(
        { instances: ['uuid', 'deleted'], 'nova_api.instance_mappings': ['instance_uuid'] },
        `{instances} i WHERE i.\`deleted\` = 0 AND ${absent('i.`uuid`', '`instance_uuid`', '{nova_api.instance_mappings}')}`,
        'i.`uuid`',
      ),
    ],

    remedy: 'On the old controller: nova-manage cell_v2 map_instances --cell_uuid UUID',
    source: 'nova/cmd/manage.py cell_v2 map_instances; known failure P39',
  },
  {
    id: 'nova/homeless-requests',
    level: 'warn',
    title: 'Servers that were asked for and never came to a cell',
    repo: 'nova_api',
    rows: 'servers are mapped to no cell and have been asked for more than a day ago',
    asks: [
      {
        needs: { instance_mappings: ['instance_uuid', 'cell_id'] },
        from: `{instance_mappings} WHERE \`cell_id\` IS NULL AND ${stale('`created_at`', '1 DAY')}`,
        example: '`instance_uuid`',
      },
    ],
    remedy: 'Delete those servers (openstack server delete ID), or their rows in instance_mappings and build_requests',
    source: 'nova/compute/api.py _delete; known failure P39',
  },
  {
    id: 'nova/stolen-providers',
    level: 'block',
    title: 'Resource providers with the name of a compute node and another UUID',
    repo: 'nova',
    rows: 'compute nodes find their name taken in placement',
    asks: [
      {
        needs: {
          compute_nodes: ['uuid', 'hypervisor_hostname', 'deleted'],
          'placement.resource_providers': ['uuid', 'name'],
        },
        from:
          '{compute_nodes} c JOIN {placement.resource_providers} p ON CONVERT(p.`name` USING utf8mb4) = CONVERT(c.`hypervisor_hostname` USING utf8mb4)' +
          ' WHERE c.`deleted` = 0 AND CONVERT(p.`uuid` USING utf8mb4) <> CONVERT(c.`uuid` USING utf8mb4)',
        example: 'c.`hypervisor_hostname`',
      },
    ],
    remedy: 'Delete the stale provider and let nova-compute make it anew: openstack resource provider delete UUID',
    source: 'nova bug 1817833; known failure P45',
  },
]
