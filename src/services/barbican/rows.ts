import { many, older, type RowCheck, rows } from '../row-check.ts'

export const barbicanRows: readonly RowCheck[] = [
  {
    id: 'barbican/stuck-orders',
    level: 'block',
    title: 'No order of a secret is stuck',
    repo: 'barbican',
    rows: 'orders have been pending for more than a day',
    asks: [
      rows(
        'orders',
        ['id', 'status', 'deleted'],
        `\`deleted\` = 0 AND \`status\` = 'PENDING' AND ${older('1 DAY', '`updated_at`', '`created_at`')}`,
        "CONCAT(`id`, ' ', `type`)",
      ),
    ],
    remedy: 'Delete them: openstack secret order delete HREF',
    source: 'barbican/tasks/resources.py: a worker sets ACTIVE or ERROR',
    why: 'The freeze waits for them, and nothing finishes them.',
  },
  {
    id: 'barbican/deleted-secrets',
    level: 'warn',
    title: 'Deleted secrets were purged',
    repo: 'barbican',
    rows: 'table holds too many deleted rows to copy',
    asks: [many('secrets', ['id', 'deleted'], '`deleted` = 1', 50_000)],
    remedy: 'On the old controller: barbican-manage db clean --min-days 30',
    source: 'barbican/model/clean.py',
    why: 'The freeze lasts longer than it needs to.',
  },
]
