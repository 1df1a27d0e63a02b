import type { Tools } from '../tools.ts'

/** placement/cmd/manage.py. */
export const placementTools: readonly Tools[] = [
  {
    from: 'stein',
    sync: [{ argv: ['placement-manage', 'db', 'sync'] }],
    online: [{ argv: ['placement-manage', 'db', 'online_data_migrations'], again: [1] }],
  },
]
