import type { Recipe } from './recipe.ts'

export const keystone = {
  name: 'keystone',
  after: [],
  catalog: ['identity'],
  databases: [{ name: 'keystone', repo: 'keystone' }],
  source: [{ name: 'api', api: true, units: ['keystone', 'openstack-keystone'] }],
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
  // keystone/common/sql/upgrades.py, _find_alembic_conf: set_main_option with the URL as it is, zed to 2025.1
  plainUrl: { variable: 'OS_DATABASE__CONNECTION', database: 'keystone' },
  online: [],
  fixups: ['keystone-endpoints'],
  tokens: { type: 'identity', path: '/v3/auth/projects', credentialKeys: '/etc/keystone/credential-keys' },
  light: { type: 'identity', path: '/v3/auth/projects' },
  inventory: [
    { what: 'domains', type: 'identity', path: '/v3/domains', list: 'domains', fields: ['name', 'enabled'] },
    { what: 'projects', type: 'identity', path: '/v3/projects', list: 'projects', fields: ['name', 'enabled'] },
    { what: 'users', type: 'identity', path: '/v3/users', list: 'users', fields: ['name', 'enabled'] },
    { what: 'groups', type: 'identity', path: '/v3/groups', list: 'groups', fields: ['name'] },
    { what: 'regions', type: 'identity', path: '/v3/regions', list: 'regions', fields: ['parent_region_id'] },
    { what: 'services', type: 'identity', path: '/v3/services', list: 'services', fields: ['name', 'type', 'enabled'] },
    { what: 'roles', type: 'identity', path: '/v3/roles', list: 'roles', fields: ['name'] },
    // the blob is what the database holds encrypted: equal, the keys of /etc/keystone/credential-keys came along
    {
      what: 'credentials',
      type: 'identity',
      path: '/v3/credentials',
      list: 'credentials',
      fields: ['type', 'user_id', 'project_id'],
      own: { field: 'type', value: 'swapctl' },
      secrets: ['blob'],
    },
  ],
} as const satisfies Recipe
