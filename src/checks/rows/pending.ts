import { type RowCheck, rows } from './row-check.ts'

const live = '`deleted` = 0'

/** What the old release should still finish, or what its settings alone can open. */
export const pendingRows: readonly RowCheck[] = [
  {
    id: 'nova/pending-online',
    level: 'warn',
    title: "Nova's online data migrations have ended",
    source: 'known failures P22, P25; nova/cmd/manage.py online_migrations',
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
    remedy: 'On the old controller, until it says that nothing is left: nova-manage db online_data_migrations',
  },
  {
    id: 'cinder/fixed-key',
    level: 'warn',
    title: 'Volumes are not encrypted with the fixed key of the settings',
    source: "castellan's ConfKeyManager and cinder/keymgr/conf_key_mgr.py: one key of zeros' id for all volumes",
    repo: 'cinder',
    rows: 'volumes can be read only with [key_manager] fixed_key of cinder.conf and nova.conf',
    asks: [
      rows(
        'volumes',
        ['id', 'encryption_key_id', 'deleted'],
        `${live} AND \`encryption_key_id\` = '00000000-0000-0000-0000-000000000000'`,
        '`id`',
      ),
    ],
    remedy: 'Keep that key outside of both controllers too: without it these volumes are lost',
  },
]
