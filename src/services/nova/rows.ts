import { absent, joined, many, type RowCheck, renamed, rows } from '../row-check.ts'

const live = '`deleted` = 0'
const both = 'a.`deleted` = 0 AND b.`deleted` = 0'
const stale = (column: string, unit: string): string => `${column} < UTC_TIMESTAMP() - INTERVAL ${unit}`

export const novaRows: readonly RowCheck[] = [
  {
    id: 'nova/stuck-servers',
    level: 'block',
    title: 'No server is stuck in a task',
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
    remedy: 'Finish each task, or set a state: openstack server set --state active|error ID',
    source: 'nova/compute/task_states.py',
    why: 'The task is lost at the freeze, and the server cannot be used.',
  },
  {
    id: 'nova/open-migrations',
    level: 'block',
    title: 'No migration of a server is open',
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
    remedy: 'Confirm, revert or abort them: openstack server migration list',
    source: 'https://bugs.launchpad.net/bugs/1852610; nova/objects/migration.py',
    why: 'The server stays half moved between two computes.',
  },
  {
    id: 'nova/dead-services',
    level: 'warn',
    title: 'All nova services report',
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
    remedy: 'Delete those that are gone: openstack compute service delete ID',
    source: 'nova/objects/service.py get_minimum_version',
    why: 'Old versions of dead services hold RPC back.',
  },
  {
    id: 'nova/duplicate-services',
    level: 'block',
    title: 'Each nova service has one row',
    repo: 'nova',
    rows: 'services have two rows, one with their short and one with their full name',
    asks: [renamed('services', 'host', ['binary', 'deleted'], both)],

    remedy: 'Find out which one reports (openstack compute service list) and delete the other',
    source: 'nova/db/main/models.py Service, unique over host and binary',
    why: 'Servers may belong to the wrong row.',
  },
  {
    id: 'nova/duplicate-hypervisors',
    level: 'block',
    title: 'Each hypervisor has one row',
    repo: 'nova',
    rows: 'hypervisors have two rows, one with their short and one with their full name',
    asks: [
      renamed('compute_nodes', 'hypervisor_hostname', ['deleted'], both),
      joined(
        { compute_nodes: ['host', 'hypervisor_hostname', 'deleted'] },
        `{compute_nodes} a JOIN {compute_nodes} b ON a.\`hypervisor_hostname\` = b.\`hypervisor_hostname\` AND a.\`id\` < b.\`id\` WHERE ${both}`,
        "CONCAT(a.`hypervisor_hostname`, ' of ', COALESCE(a.`host`, '-'), ' and ', COALESCE(b.`host`, '-'))",
      ),
    ],

    remedy: 'Move the servers of the dead one to the live one (instances.node), then delete its compute service',
    source:
      'https://docs.openstack.org/nova/latest/admin/compute-node-identification.html; https://bugs.launchpad.net/bugs/1419785',
    why: 'Servers may belong to the dead row, and cannot be managed.',
  },
  {
    id: 'nova/null-uuids',
    level: 'block',
    title: 'Servers, services and compute nodes have a UUID',
    repo: 'nova',
    rows: 'rows have no uuid',
    asks: [
      rows('compute_nodes', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('compute node ', `id`)"),
      rows('services', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('service ', `id`)"),
      rows('instances', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('instance ', `id`)"),
    ],
    remedy: 'On the old controller run nova-manage db online_data_migrations and restart its services',
    source: 'nova 345_require_online_migration_completion.py; nova/objects/service.py',
    why: 'A migration refuses rows without a UUID.',
  },
  {
    id: 'nova/compute-without-service',
    level: 'block',
    title: 'Each compute node has a compute service',
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
    remedy: 'Start nova-compute there, or delete what is left: openstack resource provider delete, and the row',
    source: 'nova/compute/manager.py _check_for_host_rename',
    why: 'nova-compute would consider itself renamed and refuse to start.',
  },
  {
    id: 'nova/unmapped-hosts',
    level: 'block',
    title: 'Each compute node is in a cell',
    repo: 'nova',
    rows: 'compute nodes are mapped to no cell',
    asks: [
      joined(
        { compute_nodes: ['host', 'deleted'], 'nova_api.host_mappings': ['host'] },
        `{compute_nodes} c WHERE c.\`deleted\` = 0 AND c.\`host\` IS NOT NULL AND ${absent('c.`host`', '`host`', '{nova_api.host_mappings}')}`,
        'c.`host`',
      ),
    ],

    remedy: 'On the old controller run nova-manage cell_v2 discover_hosts',
    source: 'nova/cmd/manage.py cell_v2 discover_hosts',
    why: 'nova would not use the compute.',
  },
  {
    id: 'nova/unmapped-servers',
    level: 'block',
    title: 'Each server is in a cell',
    repo: 'nova',
    rows: 'servers are mapped to no cell',
    asks: [
      joined(
        { instances: ['uuid', 'deleted'], 'nova_api.instance_mappings': ['instance_uuid'] },
        `{instances} i WHERE i.\`deleted\` = 0 AND ${absent('i.`uuid`', '`instance_uuid`', '{nova_api.instance_mappings}')}`,
        'i.`uuid`',
      ),
    ],

    remedy: 'On the old controller run nova-manage cell_v2 map_instances --cell_uuid UUID',
    source: 'nova/cmd/manage.py cell_v2 map_instances',
    why: 'Users would not see these servers.',
  },
  {
    id: 'nova/homeless-requests',
    level: 'warn',
    title: 'Every requested server reached a cell',
    repo: 'nova_api',
    rows: 'servers requested more than a day ago are mapped to no cell',
    asks: [
      {
        needs: { instance_mappings: ['instance_uuid', 'cell_id'] },
        from: `{instance_mappings} WHERE \`cell_id\` IS NULL AND ${stale('`created_at`', '1 DAY')}`,
        example: '`instance_uuid`',
      },
    ],
    remedy: 'Delete those servers (openstack server delete ID), or their rows in instance_mappings and build_requests',
    source: 'nova/compute/api.py _delete',
    why: 'Users see a server that does not exist.',
  },
  {
    id: 'nova/stolen-providers',
    level: 'block',
    title: 'Resource providers and compute nodes have the same UUID',
    repo: 'nova',
    rows: 'compute nodes have a placement provider of the same name but another UUID',
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
    remedy: 'Delete the stale provider; nova-compute creates it again: openstack resource provider delete UUID',
    source: 'https://bugs.launchpad.net/bugs/1817833',
    why: 'placement refuses the compute node (409), and nova places no server there.',
  },
  {
    id: 'nova/deleted-servers',
    level: 'warn',
    title: 'Deleted servers were archived',
    repo: 'nova',
    rows: 'table holds too many deleted rows to copy',
    asks: [many('instances', ['uuid', 'deleted'], '`deleted` <> 0', 100_000)],
    remedy: 'On the old controller: nova-manage db archive_deleted_rows --until-complete --purge',
    source: 'nova/cmd/manage.py archive_deleted_rows',
    why: 'The freeze lasts longer than it needs to.',
  },
  {
    id: 'nova/pending-online',
    level: 'warn',
    title: "nova's online data migrations are complete",
    source:
      'nova/cmd/manage.py online_migrations; nova release note nova-manage-online-migrations-exit-status-9de5ea7836d0e368',
    why: 'A later release may not be able to fix these rows.',
    repo: 'nova',
    rows: 'rows wait for an online data migration',
    asks: [
      rows(
        'block_device_mapping',
        ['id', 'uuid', 'deleted'],
        `${live} AND \`uuid\` IS NULL`,
        "CONCAT('block device ', `id`)",
      ),
      rows('migrations', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('migration ', `id`)"),
      rows('pci_devices', ['id', 'uuid', 'deleted'], `${live} AND \`uuid\` IS NULL`, "CONCAT('PCI device ', `id`)"),
    ],
    remedy: 'On the old controller run nova-manage db online_data_migrations until nothing is left',
  },
]
