/** The portal that the benchmark's fixups replace. */
export const oldPortal = '10.30.0.11'

const uuid = (kind: string, n: string): string => {
  const digits = `MD5(CONCAT('${kind}', ${n}))`
  const part = (from: number, length: number) => `SUBSTR(${digits}, ${from}, ${length})`
  return `CONCAT_WS('-', ${part(1, 8)}, ${part(9, 4)}, ${part(13, 4)}, ${part(17, 4)}, ${part(21, 12)})`
}

const time = "'2026-01-01 00:00:00' + INTERVAL seq SECOND"
const long = (words: number): string => `REPEAT(CONCAT(MD5(seq), ' '), ${words})`

const connection = `CONCAT('{"driver_volume_type": "iscsi", "data": {"target_discovered": false, "target_portal": "${oldPortal}:3260", ',
  '"target_iqn": "iqn.2010-10.org.openstack:volume-', ${uuid('v', 'seq')}, '", "target_lun": 1, "volume_id": "', ${uuid('v', 'seq')},
  '", "auth_method": "CHAP", "auth_username": "', LEFT(MD5(seq), 20), '", "auth_password": "', LEFT(MD5(seq + 1), 16),
  '", "device_path": "/dev/disk/by-path/ip-${oldPortal}:3260-iscsi-iqn.2010-10.org.openstack:volume-', ${uuid('v', 'seq')},
  '-lun-1", "encrypted": false, "qos_specs": null, "access_mode": "rw"}, "serial": "', ${uuid('v', 'seq')}, '"}')`

const flavor = `CONCAT('{"cur": {"nova_object.name": "Flavor", "nova_object.data": {"id": ', seq % 20, ', "name": "m1.', seq % 20,
  '", "memory_mb": 2048, "vcpus": 2, "root_gb": 20, "flavorid": "', MD5(seq % 20), '", "extra_specs": {}}}}')`

interface Filling {
  readonly table: string
  /** per mille of all rows */
  readonly share: number
  /** SQL by column, where `seq` is the row's number and `own` the uuid of its instance */
  readonly columns: Readonly<Record<string, string>>
}

const state = { created_at: time, updated_at: time, deleted: '0' }
const instances = 50

/** Proportions of the tables of a busy nova cell; schema and indexes make their rows differently expensive. */
const fillings: readonly Filling[] = [
  {
    table: 'instances',
    share: instances,
    columns: {
      ...state,
      uuid: uuid('i', 'seq'),
      user_id: 'MD5(seq % 500)',
      project_id: 'MD5(seq % 200)',
      image_ref: uuid('g', 'seq % 50'),
      power_state: '1',
      vm_state: "'active'",
      memory_mb: '2048',
      vcpus: '2',
      hostname: "CONCAT('vm-', seq)",
      display_name: "CONCAT('vm-', seq)",
      host: "CONCAT('cmp', seq % 200)",
      node: "CONCAT('cmp', seq % 200)",
      reservation_id: "CONCAT('r-', LEFT(MD5(seq), 8))",
      launched_at: time,
      root_gb: '20',
    },
  },
  {
    table: 'instance_extra',
    share: 50,
    columns: { ...state, instance_uuid: 'own', flavor, pci_requests: "'[]'", keypairs: long(20) },
  },
  { table: 'instance_info_caches', share: 50, columns: { ...state, instance_uuid: 'own', network_info: long(40) } },
  {
    table: 'instance_system_metadata',
    share: 300,
    columns: { ...state, instance_uuid: 'own', key: "CONCAT('image_', LEFT(MD5(seq % 40), 10))", value: 'MD5(seq)' },
  },
  {
    table: 'instance_metadata',
    share: 50,
    columns: { ...state, instance_uuid: 'own', key: "'role'", value: 'MD5(seq)' },
  },
  {
    table: 'instance_actions',
    share: 100,
    columns: {
      ...state,
      action: "'create'",
      instance_uuid: 'own',
      request_id: `CONCAT('req-', ${uuid('r', 'seq')})`,
      user_id: 'MD5(seq % 500)',
      project_id: 'MD5(seq % 200)',
      start_time: time,
    },
  },
  {
    table: 'instance_actions_events',
    share: 150,
    columns: {
      ...state,
      event: "'compute__do_build_and_run_instance'",
      action_id: 'seq',
      start_time: time,
      result: "'Success'",
      host: "CONCAT('cmp', seq % 200)",
    },
  },
  {
    table: 'instance_faults',
    share: 20,
    columns: { ...state, instance_uuid: 'own', code: '500', message: "'NoValidHost'", details: long(30) },
  },
  {
    table: 'virtual_interfaces',
    share: 30,
    columns: { ...state, address: "CONCAT('fa:16:3e:', seq)", instance_uuid: 'own', uuid: uuid('p', 'seq') },
  },
  {
    table: 'block_device_mapping',
    share: 200,
    columns: {
      ...state,
      device_name: "CONCAT('/dev/vd', CHAR(97 + seq % 20))",
      delete_on_termination: '0',
      volume_id: uuid('v', 'seq'),
      volume_size: '20',
      connection_info: connection,
      instance_uuid: 'own',
      source_type: "'volume'",
      destination_type: "'volume'",
      device_type: "'disk'",
      disk_bus: "'virtio'",
      attachment_id: uuid('a', 'seq'),
      uuid: uuid('b', 'seq'),
    },
  },
]

/** Rows per table for `rows` in total: {instances: 250000, ...}. */
export const sizes = (rows: number): Readonly<Record<string, number>> =>
  Object.fromEntries(fillings.map(({ table, share }) => [table, Math.max(1, Math.round((rows * share) / 1000))]))

/**
 * Fills nova's tables, or some of them, which must exist and be empty; always with the same rows. Uses MariaDB's
 * sequences.
 */
export const fillStatements = (
  rows: number,
  wanted: readonly string[] = fillings.map(({ table }) => table),
): readonly string[] => {
  const all = sizes(rows)
  const owner = uuid('i', `1 + seq % ${all['instances'] ?? 1}`)
  return [
    'SET SESSION foreign_key_checks = 0, unique_checks = 0',
    ...fillings
      .filter(({ table }) => wanted.includes(table))
      .map(({ table, columns }) => {
        const values = Object.values(columns).map((sql) =>
          sql === 'own' ? (table === 'instance_info_caches' ? uuid('i', 'seq') : owner) : sql,
        )
        const names = Object.keys(columns).map((column) => `\`${column}\``)
        return `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM seq_1_to_${all[table]}`
      }),
  ]
}
