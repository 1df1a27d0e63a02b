import type { Tools } from '../tools.ts'

/** bin/nova-manage, since havana nova/cmd/manage.py. */
export const novaTools: readonly Tools[] = [
  { from: 'grizzly', sync: [{ argv: ['nova-manage', 'db', 'sync'] }] },
  { from: 'kilo', sync: [{ argv: ['nova-manage', 'api_db', 'sync'] }, { argv: ['nova-manage', 'db', 'sync'] }] },
  { from: 'mitaka', online: [{ argv: ['nova-manage', 'db', 'online_data_migrations'], again: [1] }] },
  {
    from: 'newton',
    least: {
      version: '14.0.7',
      because: 'it wants the URL of the queue among its words, and calls the database of cell0 after nova_api',
    },
  },
]
