import { withScheme } from '../option-kinds.ts'
import type { Move, OptionRules, ValueRule } from '../options.ts'
import { glanceDefaults } from './defaults.ts'
import { glanceGoneOptions } from './gone-options.ts'
import { glanceKnownOptions } from './known-options.ts'

const stores: readonly string[] = [
  ...['glance_store', 'file'],
  ...['http', 'rbd', 's3', 'swift', 'vmware_datastore', 'cinder'].map((name) => `glance.store.${name}.store`),
]

const values: readonly ValueRule[] = [
  {
    project: '*',
    section: '*',
    options: 'api_servers glance_api_servers',
    since: 'queens',
    change: withScheme('http'),
    reason: 'a URL is read since queens; http:// was added before',
  },
  {
    project: '*',
    section: '*',
    options: 'swift_store_auth_address',
    since: 'juno',
    change: withScheme('https'),
    reason: 'https:// is what glance takes an address without scheme for',
  },
  {
    project: 'glance',
    section: 'glance_store',
    options: 'stores',
    since: 'juno',
    without: ['glance.store.sheepdog.Store', 'glance.store.gridfs.Store', 'sheepdog', 'gridfs'],
    replace: [
      [/^glance\.store\.filesystem\.Store$/, 'file'],
      [/^glance\.store\.vmware_datastore\.Store$/, 'vmware'],
      [/^glance\.store\.(http|rbd|swift|cinder|s3)\.Store$/, '$1'],
    ],
    reason: 'stores are named, not paths of classes; sheepdog and gridfs are gone',
  },
]

/**
 * Old options of glance in its own file, and options about glance in others'. Sources: glance/common/store_utils.py;
 * release notes.
 */
export const glanceOptions: OptionRules = {
  known: glanceKnownOptions,
  defaults: glanceDefaults,
  removed: glanceGoneOptions,
  libraries: ['glance_store'],
  moves: [
    ['glance', 'DEFAULT', 'default_store', 'glance_store', 'default_store', 'moved in juno'],
    ['glance', 'DEFAULT', 'known_stores', 'glance_store', 'stores', 'moved in juno'],
    ['glance', 'DEFAULT', 'filesystem_store_datadir', 'glance_store', 'filesystem_store_datadir', 'moved in juno'],
    ...['pool', 'user', 'ceph_conf', 'chunk_size'].map(
      (name): Move => ['glance', 'DEFAULT', `rbd_store_${name}`, 'glance_store', `rbd_store_${name}`, 'moved in juno'],
    ),
    ...[
      'auth_address',
      'auth_version',
      'user',
      'key',
      'container',
      'create_container_on_put',
      'region',
      'endpoint_type',
    ].map(
      (name): Move => [
        'glance',
        'DEFAULT',
        `swift_store_${name}`,
        'glance_store',
        `swift_store_${name}`,
        'moved in juno',
      ],
    ),
  ],
  gone: [
    [
      'glance',
      'DEFAULT',
      'registry_host registry_port registry_client_protocol',
      'gone in victoria with glance-registry',
    ],
    [
      'glance',
      'DEFAULT',
      'enable_v1_api enable_v2_api enable_v1_registry enable_v2_registry',
      'gone: v2 is the only API',
    ],
    [
      'glance',
      'DEFAULT',
      'admin_user admin_password admin_tenant_name auth_url auth_region',
      'gone in victoria with glance-registry',
    ],
  ],
  values,
  imported: [{ project: 'glance', section: 'glance_store', option: 'stores', group: 'glance_store.drivers' }],
  sections: [
    { by: ['DEFAULT', 'enabled_backends'], like: stores },
    { named: /^os_glance_\w+_store$/i, like: stores },
  ],
}
