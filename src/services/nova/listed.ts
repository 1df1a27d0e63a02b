import { type Listed, linesOf } from '../listing.ts'

/** nova/api/openstack/common.py, _STATE_MAP: the API's status for these states, with and without a task. */
const status = `CASE
  WHEN i.task_state IN ('reboot_started_hard', 'reboot_pending_hard', 'rebooting_hard') THEN 'HARD_REBOOT'
  WHEN i.task_state IN ('reboot_started', 'reboot_pending', 'rebooting') THEN 'REBOOT'
  WHEN i.task_state = 'updating_password' THEN 'PASSWORD'
  WHEN i.task_state IN ('rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning') THEN 'REBUILD'
  WHEN i.task_state = 'migrating' THEN 'MIGRATING'
  WHEN i.task_state = 'resize_reverting' THEN 'REVERT_RESIZE'
  WHEN i.task_state IN ('resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish') THEN 'RESIZE'
  WHEN i.vm_state = 'building' THEN 'BUILD'
  WHEN i.vm_state = 'stopped' THEN 'SHUTOFF'
  WHEN i.vm_state = 'resized' THEN 'VERIFY_RESIZE'
  WHEN i.vm_state = 'rescued' THEN 'RESCUE'
  WHEN i.vm_state = 'soft-delete' THEN 'SOFT_DELETED'
  ELSE UPPER(i.vm_state) END`

const flavors = {
  what: 'flavors',
  from: '$.flavors f',
  id: 'f.flavorid',
  members: { name: 'f.name', ram: { sql: 'f.memory_mb', as: 'number' } },
} as const

const members = (database: string, alive: string) => ({
  ...linesOf('m.instance_uuid', `${database} m WHERE m.group_id = g.id${alive}`, 'm.id'),
  as: 'among:servers' as const,
})

const hosts = (alive: string) => linesOf('h.host', `$.aggregate_hosts h WHERE h.aggregate_id = a.id${alive}`, 'h.id')

const zone = (alive: string): string =>
  `(SELECT z.value FROM $.aggregate_metadata z WHERE z.aggregate_id = a.id AND z.\`key\` = 'availability_zone'${alive} LIMIT 1)`

/** Up to ocata everything was in the cell's database; deleted rows stay there. */
export const novaListed: readonly Listed[] = [
  {
    what: 'servers',
    repo: 'nova',
    from: '$.instances i',
    columns: ['uuid', 'vm_state', 'task_state', 'updated_at'],
    id: 'i.uuid',
    where: "i.deleted = 0 AND COALESCE(i.vm_state, '') <> 'soft-delete'",
    mark: 'i.updated_at',
    members: { name: 'i.display_name', status, tenant_id: 'i.project_id' },
  },
  { ...flavors, repo: 'nova_api', columns: ['flavorid'] },
  { ...flavors, repo: 'nova', from: '$.instance_types f', columns: ['flavorid'], where: 'f.deleted = 0' },
  {
    what: 'server groups',
    repo: 'nova_api',
    from: '$.instance_groups g',
    columns: ['uuid'],
    id: 'g.uuid',
    members: { name: 'g.name', members: members('$.instance_group_member', '') },
  },
  {
    what: 'server groups',
    repo: 'nova',
    from: '$.instance_groups g',
    columns: ['uuid'],
    id: 'g.uuid',
    where: 'g.deleted = 0',
    members: {
      name: 'g.name',
      members: {
        ...linesOf('m.instance_id', '$.instance_group_member m WHERE m.group_id = g.id AND m.deleted = 0', 'm.id'),
        as: 'among:servers',
      },
    },
  },
  {
    what: 'aggregates',
    repo: 'nova_api',
    from: '$.aggregates a',
    columns: ['uuid'],
    id: 'a.id',
    members: { name: 'a.name', availability_zone: zone(''), hosts: hosts('') },
  },
  {
    what: 'aggregates',
    repo: 'nova',
    from: '$.aggregates a',
    columns: ['name'],
    id: 'a.id',
    where: 'a.deleted = 0',
    members: { name: 'a.name', availability_zone: zone(' AND z.deleted = 0'), hosts: hosts(' AND h.deleted = 0') },
  },
  {
    what: 'hypervisors',
    repo: 'nova',
    from: '$.compute_nodes c',
    columns: ['hypervisor_hostname'],
    id: 'c.id',
    where: 'c.deleted = 0',
    members: { hypervisor_hostname: 'c.hypervisor_hostname' },
  },
]
