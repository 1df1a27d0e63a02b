import type { Tools } from '../tools.ts'

/** keystone/cli.py, since mitaka keystone/cmd/cli.py. */
export const keystoneTools: readonly Tools[] = [
  { from: 'grizzly', sync: [{ argv: ['keystone-manage', 'db_sync'] }] },
  // keystone/common/sql/upgrades.py, _find_alembic_conf: set_main_option with the URL unchanged, zed to 2026.1
  { from: 'zed', plainUrl: 'password' },
]
