import type { Tools } from '../tools.ts'

/**
 * bin/barbican-db-manage.py, since liberty barbican/cmd/db_manage.py, since mitaka also barbican/cmd/barbican_manage.py.
 * Both take --config-file and read the URL from the usual files nevertheless: their modules have a configuration of
 * their own.
 */
export const barbicanTools: readonly Tools[] = [
  {
    from: 'icehouse',
    sync: [{ argv: ['barbican-db-manage.py', 'upgrade'] }],
    url: ['DEFAULT', 'sql_connection'],
  },
  { from: 'liberty', sync: [{ argv: ['barbican-db-manage', 'upgrade'] }] },
  { from: 'mitaka', sync: [{ argv: ['barbican-manage', 'db', 'upgrade'] }] },
  // oslo.db's option, with the old name for this release only
  { from: 'caracal', url: false },
]
