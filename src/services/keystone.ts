import type { Recipe } from './recipe.ts'

export const keystone = {
  name: 'keystone',
  after: [],
  catalog: ['identity'],
  databases: [{ name: 'keystone', repo: 'keystone' }],
  source: [{ name: 'api', units: ['keystone', 'openstack-keystone'] }],
  target: [{ name: 'api', units: ['keystone'] }],
  packages: ['keystone'],
  release: { package: 'keystone', project: 'keystone' },
  etc: ['/etc/keystone'],
  files: [
    {
      path: '/etc/keystone/keystone.conf',
      namespaces: [
        'keystone',
        'oslo.cache',
        'oslo.log',
        'oslo.messaging',
        'oslo.policy',
        'oslo.db',
        'oslo.middleware',
        'osprofiler',
      ],
    },
  ],
  trees: [
    { path: '/etc/keystone/fernet-keys', owner: 'keystone:keystone', secret: true },
    { path: '/etc/keystone/credential-keys', owner: 'keystone:keystone', secret: true },
    { path: '/etc/keystone/domains', owner: 'root:keystone', secret: true },
  ],
  user: 'keystone',
  sync: [{ argv: ['keystone-manage', 'db_sync'] }],
  online: [],
  fixups: ['keystone-endpoints'],
  inventory: [
    { what: 'projects', argv: ['project', 'list'] },
    { what: 'users', argv: ['user', 'list'] },
    { what: 'roles', argv: ['role', 'list'] },
    { what: 'role assignments', argv: ['role', 'assignment', 'list'] },
  ],
} as const satisfies Recipe
