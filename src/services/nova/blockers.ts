import type { Blocker, Mend, Probe } from '../../releases/blocker.ts'
import type { ReleaseName } from '../../releases/series.ts'

const where = (table: string, column: string, and = ''): Probe => ({
  needs: { [table]: [column] },
  from: `{${table}} WHERE \`${column}\` IS NULL${and}`,
  example: `CONCAT('${table} ', \`id\`)`,
})

const live = (table: string, example = '`id`'): Probe => ({
  needs: { [table]: ['deleted'] },
  from: `{${table}} WHERE \`deleted\` = 0`,
  example: `CONCAT('${table} ', ${example})`,
})

const online = (first: ReleaseName, last: ReleaseName): readonly Mend[] => [
  {
    by: [first, last],
    argv: ['nova-manage', 'db', 'online_data_migrations'],
    again: [1],
    when: 'on-the-way',
  },
]

/**
 * Tables whose instance_uuid is a foreign key to instances in grizzly to juno; the migration itself leaves fixed_ips
 * out.
 */
const owned = [
  'block_device_mapping',
  'consoles',
  'instance_actions',
  'instance_extra',
  'instance_faults',
  'instance_info_caches',
  'instance_metadata',
  'instance_system_metadata',
  'migrations',
  'security_group_instance_association',
  'virtual_interfaces',
]

export const novaBlockers: readonly Blocker[] = [
  {
    id: 'nova-null-instance-uuid',
    repo: 'nova',
    stops: { release: 'kilo', migration: '267' },
    rows: 'rows whose instance uuid is NULL',
    asks: [
      ...owned.map((table) => where(table, 'instance_uuid')),
      where('instances', 'uuid'),
      where('shadow_instances', 'uuid'),
    ],
    mends: [
      {
        by: ['kilo', 'victoria'],
        argv: ['nova-manage', 'db', 'null_instance_uuid_scan', '--delete'],
        when: 'before',
      },
    ],
    always: false,
    level: 'block',
    source: 'nova 267_instance_uuid_non_nullable.py; it is in kilo, so a kilo database is past it',
  },
  {
    id: 'nova-unmigrated-flavors',
    repo: 'nova',
    stops: { release: 'liberty', migration: '291' },
    rows: 'instances whose flavor is still in instance_system_metadata',
    asks: [
      {
        needs: { instances: ['uuid', 'deleted'], instance_system_metadata: ['instance_uuid', 'key', 'deleted'] },
        from:
          "{instance_system_metadata} m JOIN {instances} i ON i.`uuid` = m.`instance_uuid` WHERE m.`key` = 'instance_type_id'" +
          ' AND m.`deleted` != m.`id` AND i.`deleted` != i.`id`',
        example: 'i.`uuid`',
      },
    ],
    // the number is mandatory. An interrupted run is never resumed: it matches no row, and 291 keeps refusing
    mends: [
      {
        by: ['kilo', 'kilo'],
        argv: ['nova-manage', 'db', 'migrate_flavor_data', '--max-number', '1000000'],
        when: 'hop-end',
      },
    ],
    always: true,
    level: 'block',
    source: 'nova 291_enforce_flavors_migrated.py; only kilo (2015.1.0) has the command',
  },
  {
    id: 'nova-mitaka-online',
    repo: 'nova',
    stops: { release: 'newton', migration: '330' },
    rows: 'compute nodes or aggregates without uuid, or PCI VFs without parent_addr',
    asks: [
      where('compute_nodes', 'uuid', ' AND `deleted` = 0'),
      where('aggregates', 'uuid', ' AND `deleted` = 0'),
      {
        needs: { pci_devices: ['parent_addr', 'dev_type', 'deleted'] },
        from: "{pci_devices} WHERE `deleted` = 0 AND `parent_addr` IS NULL AND `dev_type` = 'type-VF'",
        example: "CONCAT('pci_devices ', `id`)",
      },
    ],
    // VFs also need live services rows of nova-conductor and nova-api (later nova-osapi_compute) at version 4 or higher
    mends: online('mitaka', 'mitaka'),
    always: true,
    level: 'block',
    source: 'nova 330_enforce_mitaka_online_migrations.py; computenode_uuids is in mitaka (13.0.0) alone',
  },
  {
    id: 'nova-newton-online',
    repo: 'nova',
    stops: { release: 'ocata', migration: '345' },
    rows: 'flavors, keypairs, aggregates or server groups that are not yet in nova_api',
    asks: [live('instance_types', '`name`'), live('key_pairs', '`name`'), live('aggregates'), live('instance_groups')],
    mends: online('newton', 'newton'),
    // also stops an empty database of mitaka or older: their migrations insert five flavors
    always: true,
    level: 'block',
    source: 'nova 345_require_online_migration_completion.py',
  },
  {
    id: 'nova-service-uuids',
    repo: 'nova',
    stops: { release: 'train', migration: '400' },
    rows: 'services without uuid',
    asks: [where('services', 'uuid', ' AND `deleted` = 0')],
    mends: online('pike', 'stein'),
    always: true,
    level: 'block',
    source: 'nova 400_enforce_service_uuid.py; service_uuids_online_data_migration is in pike (16.0.0) to stein',
  },
  {
    id: 'nova-request-specs',
    repo: 'nova',
    stops: { release: 'stein', migration: 'none: stein dropped the online migration' },
    rows: 'instances without request spec',
    asks: [
      {
        needs: { instances: ['uuid', 'deleted'], 'nova_api.request_specs': ['instance_uuid'] },
        // the two databases may have different collations; a subquery without outer columns is evaluated once
        from:
          '{instances} i WHERE i.`deleted` = 0 AND CONVERT(i.`uuid` USING utf8mb4) COLLATE utf8mb4_bin NOT IN' +
          ' (SELECT CONVERT(`instance_uuid` USING utf8mb4) COLLATE utf8mb4_bin FROM {nova_api.request_specs})',
        example: 'i.`uuid`',
      },
    ],
    mends: online('newton', 'rocky'),
    always: false,
    level: 'warn',
    source: 'nova release note drop-reqspec-migration-4d493450ce436f7e',
  },
  {
    id: 'nova-no-computes',
    repo: 'nova',
    stops: {
      release: 'newton',
      migration: 'none: without a compute simple_cell_setup makes no cell, and ocata refuses',
    },
    rows: 'flavors, and no compute to make a first cell of',
    asks: [
      {
        needs: { instance_types: ['deleted'], services: ['binary', 'deleted'] },
        from:
          '{instance_types} t WHERE t.`deleted` = 0' +
          " AND NOT EXISTS (SELECT 1 FROM {services} s WHERE s.`binary` = 'nova-compute' AND s.`deleted` = 0)",
        example: 't.`name`',
      },
    ],
    hand: 'let a nova-compute report to the old controller, or carry nova without its flavors',
    always: false,
    level: 'block',
    source: 'nova/cmd/manage.py of newton, simple_cell_setup: 1 if no hosts are reporting; 030_require_cell_setup.py',
  },
]

const cellSetup = ['nova-manage', 'cell_v2', 'simple_cell_setup'] as const

const cell0 = '00000000-0000-0000-0000-000000000000'

export const novaApiBlockers: readonly Blocker[] = [
  {
    id: 'nova-api-cells',
    repo: 'nova_api',
    stops: { release: 'ocata', migration: 'api 030' },
    rows: 'flavors without cell0 and a first cell',
    asks: [
      {
        needs: { flavors: [], cell_mappings: ['uuid'] },
        from:
          '(SELECT COUNT(*) AS n FROM {cell_mappings}) c WHERE EXISTS (SELECT 1 FROM {flavors})' +
          ` AND (c.n < 2 OR NOT EXISTS (SELECT 1 FROM {cell_mappings} WHERE \`uuid\` = '${cell0}'))`,
        example: "CONCAT(c.n, ' cell mappings')",
      },
    ],
    // pike's and queens' own command works only after their main db sync, rocky's not at all (no cell_mappings.disabled
    // yet)
    mends: [
      { by: ['newton', 'newton'], argv: cellSetup, when: 'hop-end' },
      { by: ['ocata', 'queens'], argv: cellSetup, when: 'after-refusal' },
    ],
    always: true,
    level: 'block',
    source: 'nova api 030_require_cell_setup.py',
  },
]
