/**
 * Values that lost their meaning while the option stayed. Names are the target's; they apply when the target's release is
 * `since` or newer. `look`: what an operator should see, because something is no longer done.
 */
export interface ValueRule {
  /** a project, or * */
  readonly project: string
  /** sections (| between several, * for any) and names (blanks between) */
  readonly section: string
  readonly options: string
  readonly since: string
  readonly reason: string
  readonly look?: true
  /** words taken out of a list */
  readonly without?: readonly string[]
  /** a whole value or word of a list: what it looks like, and what takes its place */
  readonly replace?: readonly (readonly [RegExp, string])[]
}

const identityUrls =
  'auth_url auth_uri www_authenticate_uri auth_endpoint swift_store_auth_address backup_swift_auth_url'

/** Sources: nova/scheduler/filters at each tag; known-good names of setup.cfg entry points; release notes of the projects. */
export const valueRules: readonly ValueRule[] = [
  {
    project: 'nova',
    section: 'filter_scheduler',
    options: 'enabled_filters',
    since: 'rocky',
    without: ['ExactRamFilter', 'ExactCoreFilter', 'ExactDiskFilter'],
    reason: 'filters gone in rocky; an unknown filter stops nova-scheduler',
  },
  {
    project: 'nova',
    section: 'filter_scheduler',
    options: 'enabled_filters',
    since: 'victoria',
    without: [
      ...['RamFilter', 'CoreFilter', 'DiskFilter', 'RetryFilter', 'AggregateRamFilter', 'AggregateCoreFilter'],
      ...['AggregateDiskFilter', 'TrustedFilter'],
    ],
    reason: 'filters gone by victoria (placement does their work); an unknown filter stops nova-scheduler',
  },
  {
    project: 'nova',
    section: 'filter_scheduler',
    options: 'enabled_filters',
    since: '2023.2',
    without: ['AvailabilityZoneFilter'],
    reason: 'filter gone in 2023.2 (placement aggregates do its work); an unknown filter stops nova-scheduler',
  },
  {
    project: 'nova',
    section: 'DEFAULT',
    options: 'enabled_apis',
    since: 'newton',
    without: ['ec2', 'osapi_volume'],
    reason: 'the EC2 API is gone since newton',
  },
  {
    project: '*',
    section: 'oslo_messaging_notifications',
    options: 'driver',
    since: 'juno',
    replace: [
      [/^\w+\.openstack\.common\.notifier\.rpc_notifier2$/, 'messagingv2'],
      [/^\w+\.openstack\.common\.notifier\.rpc_notifier$/, 'messaging'],
      [/^\w+\.openstack\.common\.notifier\.log_notifier$/, 'log'],
      [/^\w+\.openstack\.common\.notifier\.no_op_notifier$/, 'noop'],
    ],
    reason: 'the incubated notifiers became drivers of oslo.messaging in juno',
  },
  {
    project: '*',
    section: 'database|api_database|placement_database',
    options: 'connection slave_connection',
    since: 'liberty',
    replace: [[/^mysql:\/\//, 'mysql+pymysql://']],
    reason: 'mysql:// names the driver MySQL-python, which is gone from packages',
  },
  {
    project: '*',
    section: '*',
    options: identityUrls,
    since: 'queens',
    replace: [
      [/^(https?:\/\/[^/]+):35357(?=\/|$)/, '$1:5000'],
      [/\/v2\.0\/?$/, '/v3'],
    ],
    reason: 'the admin port 35357 and the identity API v2.0 are gone since queens',
  },
  {
    project: '*',
    section: '*',
    options: 'auth_type',
    since: 'queens',
    replace: [[/^v2password$/, 'password']],
    reason: 'the identity API v2.0 is gone since queens',
  },
  {
    project: 'keystone',
    section: 'token',
    options: 'provider',
    since: 'queens',
    replace: [[/^(uuid|pki|pkiz|keystone\.token\.providers\.(uuid|pki|pkiz|fernet)\.Provider)$/, 'fernet']],
    reason: 'tokens that are stored are gone since queens: those issued before are void',
    look: true,
  },
  {
    project: 'keystone',
    section:
      'identity|assignment|catalog|credential|policy|resource|role|revoke|trust|oauth1|federation|endpoint_filter',
    options: 'driver',
    since: 'mitaka',
    replace: [[/^keystone\.(?:contrib\.)?\w+\.backends\.(\w+)\.\w+$/, '$1']],
    reason: 'drivers are named, not paths of classes',
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
  {
    project: 'neutron',
    section: 'ml2',
    options: 'mechanism_drivers',
    since: '2025.1',
    without: ['linuxbridge'],
    reason: 'the Linux bridge driver is gone in 2025.1: ports bound by it need another driver',
    look: true,
  },
  {
    project: 'neutron',
    section: 'DEFAULT',
    options: 'service_plugins',
    since: 'train',
    without: ['lbaas', 'lbaasv2', 'firewall'],
    reason: 'neutron-lbaas and fwaas v1 are gone since train: octavia takes the place of the first',
    look: true,
  },
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
