import type { Recipe } from '../recipe.ts'
import { placementTools } from './tools.ts'

export const placementRecipe = {
  name: 'placement',
  after: ['keystone'],
  // keystonemiddleware.auth_token: every request's token
  calls: ['keystone'],
  catalog: ['placement'],
  databases: [{ name: 'placement', repo: 'placement', section: 'placement_database' }],
  source: [{ name: 'api', api: true, units: ['placement-api', 'openstack-placement-api'] }],
  target: [{ name: 'api', units: ['placement-api'] }],
  packages: ['placement-api'],
  release: { package: 'placement-common', project: 'placement', first: { release: 'stein', major: 1, began: true } },
  within:
    'Until stein, nova ran placement itself: split it off first (upgrade/to-stein in its documentation, mysql-migrate-db.sh)',
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
  storage: [],
  user: 'placement',
  tools: placementTools,
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
