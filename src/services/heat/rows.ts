import { many, older, type RowCheck, rows } from '../row-check.ts'

export const heatRows: readonly RowCheck[] = [
  {
    id: 'heat/stuck-stacks',
    level: 'block',
    title: 'No stack is stuck in a transition',
    repo: 'heat',
    rows: 'stacks have been in progress for more than a day',
    asks: [
      rows(
        'stack',
        ['id', 'status', 'deleted_at'],
        "`deleted_at` IS NULL AND `status` = 'IN_PROGRESS' AND COALESCE(`updated_at`, `created_at`) < UTC_TIMESTAMP() - INTERVAL 1 DAY",
        "CONCAT(`id`, ' ', `action`, ' ', `status`)",
      ),
    ],
    remedy: 'Cancel it (openstack stack cancel ID), or set it to FAILED: heat-manage reset_stack_status ID',
    source: 'heat/engine/stack.py',
    why: 'The operation is lost at the freeze, and the stack cannot be changed.',
  },
  {
    id: 'heat/deleted-stacks',
    level: 'warn',
    title: 'Deleted stacks were purged',
    repo: 'heat',
    rows: 'table holds too many deleted rows to copy',
    asks: [many('stack', ['id', 'deleted_at'], '`deleted_at` IS NOT NULL', 50_000)],
    remedy: 'On the old controller: heat-manage purge_deleted 30',
    source: 'heat/cmd/manage.py purge_deleted',
    why: 'The freeze lasts longer than it needs to.',
  },
  {
    id: 'heat/dead-engines',
    level: 'warn',
    title: 'All heat engines report',
    source: 'heat/objects/service.py: an engine writes its row every minute',
    why: 'A dead engine holds locks that are never released.',
    repo: 'heat',
    rows: 'engines have not reported for more than a day',
    asks: [
      rows(
        'service',
        ['id', 'host', 'binary', 'updated_at', 'deleted_at'],
        `\`deleted_at\` IS NULL AND ${older('1 DAY', '`updated_at`', '`created_at`')}`,
        "CONCAT(`binary`, '@', `host`)",
      ),
    ],
    remedy: 'On the old controller: heat-manage service clean',
  },
]
