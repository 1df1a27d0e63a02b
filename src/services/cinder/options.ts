import { releaseNamed } from '../../releases/release.ts'
import { barbicanOf, fixedKey } from '../barbican/options.ts'
import { goneDefaultsOf } from '../option-kinds.ts'
import type { Changed, OptionRules, ValueRule } from '../options.ts'
import { cinderDefaults } from './defaults.ts'
import { cinderGoneOptions } from './gone-options.ts'
import { cinderKnownOptions } from './known-options.ts'

/**
 * volumev2:cinderv2:internalURL -> volumev3:cinderv3:internalURL. For another service name: whichever service has that
 * type.
 */
const catalogInfo = (value: string): Changed | undefined => {
  const [, name, rest = ''] = /^(?:volume|volumev2):([^:]*)(:.*)$/.exec(value) ?? []
  if (name === undefined) return undefined
  const stock = /^cinder(v2)?$/.test(name)
  const now = stock ? 'cinderv3' : ''
  return { value: `volumev3:${now}${rest}`, ...(stock || name === '' ? {} : { look: true }) }
}

const values: readonly ValueRule[] = [
  {
    project: '*',
    section: '*',
    options: '*catalog_info *catalog_admin_info',
    since: 'queens',
    change: catalogInfo,
    reason: 'the API of this type is gone from the catalog: v3 of volumes and compute are left',
  },
  barbicanOf('cinder'),
  {
    project: 'cinder',
    section: '*',
    options: 'volume_driver',
    since: 'kilo',
    replace: [
      [
        /^cinder\.volume\.(drivers\.lvm|driver)\.(LVMISCSIDriver|ISCSIDriver|ThinLVMVolumeDriver)$/,
        'cinder.volume.drivers.lvm.LVMVolumeDriver',
      ],
    ],
    reason: 'the iSCSI driver of LVM became the LVM driver with target_helper',
  },
  {
    project: 'cinder',
    section: 'DEFAULT',
    options: 'backup_driver',
    since: 'stein',
    replace: [
      [/^cinder\.backup\.drivers\.swift$/, 'cinder.backup.drivers.swift.SwiftBackupDriver'],
      [/^cinder\.backup\.drivers\.ceph$/, 'cinder.backup.drivers.ceph.CephBackupDriver'],
      [/^cinder\.backup\.drivers\.nfs$/, 'cinder.backup.drivers.nfs.NFSBackupDriver'],
      [/^cinder\.backup\.drivers\.posix$/, 'cinder.backup.drivers.posix.PosixBackupDriver'],
    ],
    reason: 'backup drivers are paths of classes, not of modules, since stein',
  },
]

/**
 * Old options of cinder. Sources: cinder/common/config.py at 8.0.0; setup.cfg at 2025.1; release notes. For sections
 * that a file defines: cinder/volume/configuration.py, cinder/cmd/volume.py (backend_host), cinder/zonemanager.
 */
export const cinderOptions: OptionRules = {
  known: cinderKnownOptions,
  defaults: cinderDefaults,
  removed: cinderGoneOptions,
  moves: [
    [
      'cinder',
      '<backend>',
      'iscsi_ip_address',
      '<backend>',
      'target_ip_address',
      'renamed in queens, gone in stein: falls back to my_ip silently',
    ],
    ['cinder', '<backend>', 'iscsi_helper', '<backend>', 'target_helper', 'renamed in queens, gone in stein'],
    ['cinder', '<backend>', 'iscsi_port', '<backend>', 'target_port', 'renamed in queens, gone in stein'],
    ['cinder', '<backend>', 'iscsi_protocol', '<backend>', 'target_protocol', 'renamed in queens, gone in stein'],
    ['cinder', '<backend>', 'iscsi_target_prefix', '<backend>', 'target_prefix', 'renamed in queens, gone in stein'],
    [
      'cinder',
      '<backend>',
      'iscsi_secondary_ip_addresses',
      '<backend>',
      'target_secondary_ip_addresses',
      'renamed in 2023.1',
    ],
    ['cinder', 'DEFAULT', 'os_region_name', 'nova', 'region_name', 'renamed in pike; alias gone in rocky'],
  ],
  gone: [
    ['cinder', 'DEFAULT', 'enable_v1_api', 'gone in pike: v3 is the API'],
    ['cinder', 'DEFAULT', 'enable_v2_api', 'gone in wallaby: v3 is the API'],
    ['cinder', 'DEFAULT', 'glance_api_version', 'gone in pike: v2 is the only API'],
    ['cinder', 'DEFAULT', 'nova_catalog_info nova_catalog_admin_info', 'gone in pike: [nova] says it'],
    [
      'cinder',
      'DEFAULT',
      'volume_driver',
      'gone in pike: a section for each backend, named in enabled_backends',
      'look',
    ],
  ],
  values,
  additions: [
    fixedKey('cinder'),
    {
      project: 'cinder',
      since: releaseNamed('antelope').index,
      unless: ['keystone_authtoken', 'service_token_roles'],
      section: 'keystone_authtoken',
      set: { service_token_roles: 'service,admin' },
      reason:
        "nova's user of an older cloud has the role admin, not service: accepted until the service users have been given the role service",
    },
  ],
  goneDefaults: goneDefaultsOf('cinder', 'DEFAULT', { glance_host: '$my_ip', glance_port: '9292' }),
  imported: [
    { project: 'cinder', section: 'DEFAULT', option: 'scheduler_default_filters', group: 'cinder.scheduler.filters' },
    { project: 'cinder', section: 'DEFAULT', option: 'scheduler_default_weighers', group: 'cinder.scheduler.weights' },
  ],
  sections: [
    { by: ['DEFAULT', 'enabled_backends'], like: ['backend_defaults', 'backend'] },
    { by: ['fc-zone-manager', 'fc_fabric_names'], like: ['brcd_fabric_example', 'cisco_fabric_example'] },
  ],
}
