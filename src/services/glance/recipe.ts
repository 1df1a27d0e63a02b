import type { Recipe } from '../recipe.ts'
import { glanceOperations } from './in-flight.ts'
import { glanceTools } from './tools.ts'

export const glanceRecipe = {
  name: 'glance',
  after: ['keystone'],
  // keystonemiddleware.auth_token. An image in a cinder store calls cinder, but cinder calls glance for every volume
  // made from an image
  calls: ['keystone', 'barbican'],
  catalog: ['image'],
  databases: [{ name: 'glance', repo: 'glance' }],
  source: [
    { name: 'api', api: true, units: ['glance-api', 'openstack-glance-api'] },
    { name: 'registry', api: true, units: ['glance-registry', 'openstack-glance-registry'] },
  ],
  target: [{ name: 'api', units: ['glance-api'] }],
  packages: ['glance-api'],
  release: { package: 'glance-common', project: 'glance', first: { release: 'liberty', major: 11 } },
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
  // glance_store/_drivers/filesystem.py; [DEFAULT] up to juno
  storage: [
    {
      kind: 'file',
      path: '/var/lib/glance/images',
      owner: 'glance:glance',
      ahead: true,
      options: [
        ['glance_store', 'filesystem_store_datadir'],
        ['glance_store', 'filesystem_store_datadirs'],
        ['DEFAULT', 'filesystem_store_datadir'],
        ['DEFAULT', 'filesystem_store_datadirs'],
      ],
      sections: { by: ['DEFAULT', 'enabled_backends'], type: 'file', name: 'filesystem_store_datadir' },
      expects: {
        as: 'url',
        what: 'images',
        repo: 'glance',
        needs: ['image_locations.value', 'image_locations.deleted', 'images.deleted', 'images.status'],
        sql:
          'SELECT l.value AS it FROM {image_locations} l JOIN {images} i ON i.id = l.image_id' +
          " WHERE l.deleted = 0 AND i.deleted = 0 AND i.status IN ('active', 'deactivated') AND l.value LIKE 'file://%'",
      },
      others: {
        repo: 'glance',
        needs: ['image_locations.value', 'image_locations.deleted'],
        sql:
          "SELECT SUBSTRING_INDEX(value, '://', 1) AS it, COUNT(*) AS n FROM {image_locations}" +
          " WHERE deleted = 0 AND value NOT LIKE 'file://%' GROUP BY it ORDER BY it",
      },
    },
  ],
  user: 'glance',
  tools: glanceTools,
  triggers: true,
  fixups: ['image-locations'],
  light: { type: 'image', path: '/v2/images?limit=1' },
  // glance/location.py; os_hash_value since rocky, only MD5 before
  bytes: {
    id: 'glance/image-bytes',
    what: 'image',
    repo: 'glance',
    sql:
      'SELECT i.id, i.size, i.checksum, l.value{digest} FROM {}.images i JOIN {}.image_locations l ON l.image_id = i.id' +
      " WHERE i.deleted = 0 AND l.deleted = 0 AND i.status IN ('active', 'deactivated') ORDER BY i.id",
    digest: {
      table: 'images',
      column: 'os_hash_value',
      sql: ', i.os_hash_algo AS algorithm, i.os_hash_value AS hash',
    },
    look: "ls -l the file of image ID; SELECT value FROM image_locations WHERE image_id = 'ID'",
  },
  inFlight: glanceOperations,
  inventory: [
    {
      what: 'images',
      type: 'image',
      path: '/v2/images?limit=500',
      list: 'images',
      fields: ['name', 'status', 'checksum', 'size', 'visibility'],
    },
  ],
} as const satisfies Recipe
