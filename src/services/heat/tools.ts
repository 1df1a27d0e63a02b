import type { Tools } from '../tools.ts'

/** bin/heat-manage, since juno heat/cmd/manage.py. Grizzly had none, and no database is ever upgraded to grizzly. */
export const heatTools: readonly Tools[] = [{ from: 'havana', sync: [{ argv: ['heat-manage', 'db_sync'] }] }]
