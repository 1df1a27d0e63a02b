import type { Recipe } from './recipe.ts'

export const placement = {
  name: 'placement',
  after: ['keystone'],
  catalog: ['placement'],
  databases: [{ name: 'placement', repo: 'placement' }],
  source: [{ name: 'api', api: true, units: ['placement-api', 'openstack-placement-api'] }],
  target: [{ name: 'api', units: ['placement-api'] }],
  packages: ['placement-api'],
  release: { package: 'placement-common', project: 'placement' },
  etc: ['/etc/placement'],
  files: [
    {
      path: '/etc/placement/placement.conf',
      namespaces: [
        'placement.conf',
        'keystonemiddleware.auth_token',
        'oslo.log',
        'oslo.middleware.cors',
        'oslo.policy',
      ],
    },
  ],
  trees: [],
  user: 'placement',
  sync: [{ argv: ['placement-manage', 'db', 'sync'] }],
  online: [{ argv: ['placement-manage', 'db', 'online_data_migrations'], again: [1] }],
  fixups: [],
  light: { type: 'placement', path: '/resource_providers?name=none' },
  inventory: [
    {
      what: 'resource providers',
      type: 'placement',
      path: '/resource_providers',
      list: 'resource_providers',
      id: 'uuid',
      fields: ['name'],
    },
  ],
} as const satisfies Recipe
