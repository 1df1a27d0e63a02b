import type { Recipe } from './recipe.ts'

export const glance = {
  name: 'glance',
  after: ['keystone'],
  catalog: ['image'],
  databases: [{ name: 'glance', repo: 'glance' }],
  source: [
    { name: 'api', api: true, units: ['glance-api', 'openstack-glance-api'] },
    { name: 'registry', api: true, units: ['glance-registry', 'openstack-glance-registry'] },
  ],
  target: [{ name: 'api', units: ['glance-api'] }],
  packages: ['glance-api'],
  release: { package: 'glance-common', project: 'glance' },
  etc: ['/etc/glance'],
  files: [
    {
      path: '/etc/glance/glance-api.conf',
      namespaces: [
        'glance.api',
        'glance.store',
        'glance.multi_store',
        'os_brick',
        'castellan.config',
        'oslo.concurrency',
        'oslo.messaging',
        'oslo.db',
        'oslo.policy',
        'keystonemiddleware.auth_token',
        'oslo.limit',
        'oslo.log',
        'oslo.middleware.cors',
        'oslo.middleware.http_proxy_to_wsgi',
        'oslo.reports',
      ],
    },
  ],
  trees: [{ path: '/var/lib/glance/images', owner: 'glance:glance' }],
  user: 'glance',
  sync: [{ argv: ['glance-manage', 'db_sync'] }],
  online: [],
  fixups: [],
  light: { type: 'image', path: '/v2/images?limit=1' },
  inventory: [
    {
      what: 'images',
      type: 'image',
      path: '/v2/images',
      list: 'images',
      fields: ['name', 'status', 'checksum', 'size', 'visibility'],
    },
  ],
} as const satisfies Recipe
