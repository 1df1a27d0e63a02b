import type { Tools } from '../tools.ts'

/** bin/glance-manage, since havana glance/cmd/manage.py. */
export const glanceTools: readonly Tools[] = [
  { from: 'grizzly', sync: [{ argv: ['glance-manage', 'db_sync'] }] },
  // glance/db/sqlalchemy/alembic_migrations/__init__.py: set_main_option(str(engine.url)); doubled since 17.0.0
  { from: 'ocata', plainUrl: 'path' },
  { from: 'rocky', plainUrl: false },
]
