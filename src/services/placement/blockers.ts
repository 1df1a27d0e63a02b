import type { Blocker, Mend } from '../../releases/blocker.ts'

const online: readonly Mend[] = [
  {
    by: ['stein', 'gazpacho'],
    argv: ['placement-manage', 'db', 'online_data_migrations'],
    again: [1],
    when: 'on-the-way',
  },
]

export const placementBlockers: readonly Blocker[] = [
  {
    id: 'placement-root-providers',
    repo: 'placement',
    stops: { release: 'train', migration: '611cd6dffd7b' },
    rows: 'resource providers without root provider',
    asks: [
      {
        needs: { resource_providers: ['root_provider_id'] },
        from: '{resource_providers} WHERE `root_provider_id` IS NULL',
        example: '`uuid`',
      },
    ],
    mends: online,
    always: false,
    level: 'block',
    source: 'placement 611cd6dffd7b_block_on_null_root_provider_id.py',
  },
  {
    id: 'placement-consumers',
    repo: 'placement',
    stops: { release: 'train', migration: 'b5c396305c25' },
    rows: 'allocations without consumer',
    asks: [
      {
        needs: { allocations: ['consumer_id'], consumers: ['uuid'] },
        from: '{allocations} a LEFT JOIN {consumers} c ON c.`uuid` = a.`consumer_id` WHERE c.`id` IS NULL',
        example: 'a.`consumer_id`',
      },
    ],
    mends: online,
    always: false,
    level: 'block',
    source: 'placement b5c396305c25_block_on_null_consumer.py',
  },
]
