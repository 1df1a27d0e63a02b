import { absent, joined, type RowCheck } from '../row-check.ts'

export const placementRows: readonly RowCheck[] = [
  {
    id: 'placement/orphan-allocations',
    level: 'warn',
    title: 'Allocations belong to servers that exist',
    repo: 'placement',
    rows: 'consumers hold resources but are not servers of nova',
    asks: [
      joined(
        { allocations: ['consumer_id'], 'nova.instances': ['uuid', 'deleted'], 'nova.migrations': ['uuid'] },
        '(SELECT DISTINCT `consumer_id` AS c FROM {allocations}) held' +
          ` WHERE ${absent('c', '`uuid`', '{nova.instances} WHERE `deleted` = 0')} AND ${absent('c', '`uuid`', '{nova.migrations}')}`,
        'c',
      ),
    ],

    remedy: 'Delete them: nova-manage placement audit --delete',
    source: 'nova/cmd/manage.py placement audit',
    why: 'Hypervisor capacity is lost.',
  },
  {
    id: 'placement/lost-providers',
    level: 'block',
    title: 'Allocations belong to providers that exist',
    source: 'placement/db/sqlalchemy/models.py: no foreign key between the two tables',
    why: 'placement cannot account for these allocations.',
    repo: 'placement',
    rows: 'allocations belong to a resource provider that is gone',
    asks: [
      joined(
        { allocations: ['consumer_id', 'resource_provider_id'], resource_providers: ['id'] },
        '{allocations} a LEFT JOIN {resource_providers} p ON p.`id` = a.`resource_provider_id` WHERE p.`id` IS NULL',
        "CONCAT(a.`consumer_id`, ' of provider ', a.`resource_provider_id`)",
      ),
    ],
    remedy: 'Delete the rows, then on the old controller run nova-manage placement heal_allocations',
  },
]
