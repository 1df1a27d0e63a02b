import type { Recipe } from '../recipe.ts'
import { barbicanOperations } from './in-flight.ts'
import { barbicanSealed } from './sealed.ts'
import { barbicanTools } from './tools.ts'

export const barbicanRecipe = {
  name: 'barbican',
  after: ['keystone'],
  // keystonemiddleware.auth_token: every request's token
  calls: ['keystone'],
  catalog: ['key-manager'],
  databases: [{ name: 'barbican', repo: 'barbican' }],
  source: [
    { name: 'api', api: true, units: ['barbican-api', 'openstack-barbican-api'] },
    { name: 'worker', units: ['barbican-worker', 'openstack-barbican-worker'] },
    { name: 'listener', units: ['barbican-keystone-listener', 'openstack-barbican-keystone-listener'] },
    { name: 'retry', units: ['barbican-retry', 'openstack-barbican-retry'] },
  ],
  target: [
    { name: 'api', units: ['barbican-api'] },
    { name: 'worker', units: ['barbican-worker'] },
    { name: 'listener', units: ['barbican-keystone-listener'] },
  ],
  packages: ['barbican-api', 'barbican-worker', 'barbican-keystone-listener'],
  companions: ['python3-barbicanclient'],
  release: { package: 'barbican-common', project: 'barbican', first: { release: 'liberty', major: 1 } },
  etc: ['/etc/barbican'],
  files: [
    {
      path: '/etc/barbican/barbican.conf',
      namespaces: [
        'barbican.common.config',
        'barbican.plugin.secret_store',
        'barbican.plugin.crypto',
        'barbican.plugin.crypto.simple',
        'barbican.plugin.crypto.p11',
        'barbican.plugin.dogtag',
        'barbican.plugin.secret_store.vault',
        'keystonemiddleware.audit',
        'keystonemiddleware.auth_token',
        'oslo.db',
        'oslo.log',
        'oslo.messaging',
        'oslo.middleware.cors',
        'oslo.middleware.healthcheck',
        'oslo.middleware.http_proxy_to_wsgi',
        'oslo.middleware.sizelimit',
        'oslo.policy',
        'oslo.service.periodic_task',
        'oslo.service.sslutils',
        'oslo.service.wsgi',
      ],
    },
  ],
  storage: [],
  user: 'barbican',
  tools: barbicanTools,
  fixups: [],
  sealed: barbicanSealed,
  light: { type: 'key-manager', path: '/v1/secrets?limit=1' },
  inFlight: barbicanOperations,
  // only the admin's own project: barbican has no list of all
  inventory: [
    {
      what: 'secrets',
      type: 'key-manager',
      path: '/v1/secrets?limit=100&offset=0',
      list: 'secrets',
      id: 'secret_ref',
      linked: true,
      fields: ['name', 'status', 'secret_type', 'algorithm', 'bit_length', 'mode'],
    },
    {
      what: 'secret containers',
      type: 'key-manager',
      path: '/v1/containers?limit=100&offset=0',
      list: 'containers',
      id: 'container_ref',
      linked: true,
      fields: ['name', 'status', 'type'],
    },
    {
      what: 'secret orders',
      type: 'key-manager',
      path: '/v1/orders?limit=100&offset=0',
      list: 'orders',
      id: 'order_ref',
      linked: true,
      fields: ['type', 'status'],
    },
  ],
} as const satisfies Recipe
