import { releaseNamed } from '../../releases/release.ts'
import { barbicanOf, fixedKey } from '../barbican/options.ts'
import { goneDefaultsOf, identityV3, loginOptions, passwordPlugin } from '../option-kinds.ts'
import type { Composition, OptionRules, ValueRule } from '../options.ts'
import { novaDefaults } from './defaults.ts'
import { novaGoneOptions } from './gone-options.ts'
import { novaKnownOptions } from './known-options.ts'

/** The URL of another database on the same server, with the same account. */
const besides =
  (database: string) =>
  (url: string): string | undefined =>
    /^[^:]+:\/\/[^/?]*\/[^/?]+(\?|$)/.test(url)
      ? url.replace(/^([^:]+:\/\/[^/?]*\/)[^/?]+/, (_, before: string) => `${before}${database}`)
      : undefined

const networkLogin: Composition = {
  project: 'nova',
  sections: ['neutron', 'DEFAULT'],
  uses: ['admin_username', 'admin_password', 'admin_tenant_name', 'admin_auth_url', 'auth_strategy'].flatMap((name) => [
    name,
    `neutron_${name}`,
  ]),
  unless: [
    ['neutron', 'auth_type'],
    ['neutron', 'auth_plugin'],
  ],
  reason: 'gone in mitaka: the password plugin takes their place',
  make: (ask) => {
    const old = (name: string) => ask(['neutron'], name) ?? ask(['DEFAULT'], `neutron_${name}`)
    const url = old('admin_auth_url')
    // without an account a strategy means nothing
    if (url === undefined && old('admin_username') === undefined) return []
    return passwordPlugin('neutron', url === undefined ? undefined : identityV3(url), {
      username: old('admin_username'),
      password: old('admin_password'),
      project_name: old('admin_tenant_name'),
    })
  },
}

const imageServers: Composition = {
  project: 'nova',
  sections: ['glance', 'DEFAULT'],
  uses: ['host', 'port', 'protocol', 'glance_host', 'glance_port', 'glance_protocol'],
  unless: [
    ['glance', 'api_servers'],
    ['DEFAULT', 'glance_api_servers'],
  ],
  reason: 'gone in newton: [glance] api_servers names it',
  make: (ask) => {
    const old = (name: string, otherwise: string) =>
      ask(['glance'], name) ?? ask(['DEFAULT'], `glance_${name}`) ?? otherwise
    const value = `${old('protocol', 'http')}://${old('host', '$my_ip')}:${old('port', '9292')}`
    return [{ section: 'glance', name: 'api_servers', value }]
  },
}

const values: readonly ValueRule[] = [
  {
    project: 'nova',
    section: 'cinder',
    options: 'endpoint_template',
    since: 'queens',
    replace: [[/^(https?:\/\/[^/]+(?:\/[^/]+)*)\/v[12](?=\/|$)/, '$1/v3']],
    reason: 'nova speaks v3 with cinder since queens, and refuses other versions',
  },
  {
    project: '*',
    section: '*',
    options: '*catalog_info *catalog_admin_info',
    since: 'queens',
    // computev21:nova:publicURL -> compute:nova:publicURL
    change: (value) => {
      const [, name, rest = ''] = /^(?:computev21|computev3):([^:]*)(:.*)$/.exec(value) ?? []
      return name === undefined ? undefined : { value: `compute:${name === '' ? '' : 'nova'}${rest}` }
    },
    reason: 'the API of this type is gone from the catalog: v3 of volumes and compute are left',
  },
  {
    project: 'nova',
    section: 'upgrade_levels',
    options: '*',
    since: 'kilo',
    change: (value, option) => (option === 'compute' || value === '' ? undefined : { value: '' }),
    reason:
      'a pin for a rolling upgrade: all services of the new controller are of one release, and it may not know this one',
  },
  barbicanOf('nova'),
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
]

/**
 * Old options of nova. Sources: nova/scheduler/filters and nova/conf at each tag; nova/image/glance.py at 2014.1;
 * nova/conf/{neutron,devices}.py for sections that a file defines; release notes.
 */
export const novaOptions: OptionRules = {
  known: novaKnownOptions,
  defaults: novaDefaults,
  removed: novaGoneOptions,
  moves: [
    ['nova', 'DEFAULT|glance', 'glance_api_servers', 'glance', 'api_servers', 'moved in juno; alias gone in kilo'],
    ['nova', 'DEFAULT', 'glance_num_retries', 'glance', 'num_retries', 'moved in juno; alias gone in kilo'],
    ['nova', 'DEFAULT', 'glance_api_insecure', 'glance', 'insecure', 'moved in juno, renamed in pike'],
    ['nova', 'glance', 'api_insecure', 'glance', 'insecure', 'renamed in pike'],
    ['nova', 'DEFAULT', 'cinder_catalog_info', 'cinder', 'catalog_info', 'moved in juno; alias gone in kilo'],
    ['nova', 'DEFAULT', 'cinder_endpoint_template', 'cinder', 'endpoint_template', 'moved in juno; alias gone in kilo'],
    ['nova', 'DEFAULT', 'cinder_http_retries', 'cinder', 'http_retries', 'moved in juno; alias gone in kilo'],
    ['nova', 'DEFAULT', 'cinder_cross_az_attach', 'cinder', 'cross_az_attach', 'moved in juno; alias gone in kilo'],
    ['nova', 'DEFAULT', 'os_region_name', 'cinder', 'os_region_name', 'moved in juno; alias gone in kilo'],
    ['nova', 'placement', 'os_region_name', 'placement', 'region_name', 'gone in rocky'],
    ['nova', 'DEFAULT', 'neutron_region_name', 'neutron', 'region_name', 'moved in juno; alias gone in kilo'],
    [
      'nova',
      'DEFAULT',
      'neutron_metadata_proxy_shared_secret',
      'neutron',
      'metadata_proxy_shared_secret',
      'moved in juno',
    ],
    ['nova', 'DEFAULT', 'service_neutron_metadata_proxy', 'neutron', 'service_metadata_proxy', 'moved in juno'],
    ['nova', 'DEFAULT', 'neutron_ovs_bridge', 'neutron', 'ovs_bridge', 'moved in juno'],
    ['nova', 'neutron', 'url', 'neutron', 'endpoint_override', 'gone in train'],
    ['nova', 'DEFAULT', 'neutron_url', 'neutron', 'endpoint_override', 'moved in juno, gone in train'],
    [
      'nova',
      'DEFAULT',
      'memcached_servers',
      'cache',
      'memcache_servers',
      'gone in newton; [cache] enabled and backend go with it',
    ],
    ['nova', 'DEFAULT', 'novncproxy_base_url', 'vnc', 'novncproxy_base_url', 'moved in liberty'],
    ['nova', 'DEFAULT', 'vncserver_listen', 'vnc', 'server_listen', 'moved in liberty; alias gone in yoga'],
    [
      'nova',
      'DEFAULT',
      'vncserver_proxyclient_address',
      'vnc',
      'server_proxyclient_address',
      'moved in liberty; alias gone in yoga',
    ],
    ['nova', 'DEFAULT', 'libvirt_type', 'libvirt', 'virt_type', 'moved in icehouse; alias gone in juno'],
    ['nova', 'DEFAULT', 'libvirt_cpu_mode', 'libvirt', 'cpu_mode', 'moved in icehouse; alias gone in juno'],
    ['nova', 'DEFAULT', 'libvirt_images_type', 'libvirt', 'images_type', 'moved in icehouse; alias gone in juno'],
    [
      'nova',
      'DEFAULT',
      'scheduler_default_filters',
      'filter_scheduler',
      'enabled_filters',
      'moved in ocata; alias gone in xena',
    ],
    [
      'nova',
      'DEFAULT',
      'scheduler_available_filters',
      'filter_scheduler',
      'available_filters',
      'moved in ocata; alias gone in xena',
    ],
    ['nova', 'DEFAULT', 'scheduler_max_attempts', 'scheduler', 'max_attempts', 'moved in ocata; alias gone in xena'],
  ],
  gone: [
    [
      'nova',
      'DEFAULT',
      'network_api_class security_group_api use_neutron',
      'gone: neutron is the only network service',
    ],
    ['nova', 'DEFAULT', 'network_manager linuxnet_interface_driver multi_host', 'gone in ussuri with nova-network'],
    ['nova', 'DEFAULT', 'firewall_driver', 'gone in ussuri with nova-network: neutron filters'],
    [
      'nova',
      'DEFAULT',
      'dhcpbridge dhcpbridge_flagfile force_dhcp_release public_interface',
      'gone in ussuri with nova-network',
    ],
    ['nova', 'DEFAULT', 'scheduler_driver', 'the filter scheduler is the only one left'],
    ['nova', 'scheduler', 'driver', 'gone in wallaby: the filter scheduler is the only one left'],
    ['nova', 'DEFAULT', 'bindir', 'belongs to the packages'],
    ['nova', 'DEFAULT', 'auth_strategy', 'keystone is what is left', 'look'],
    ['nova', 'libvirt', 'live_migration_flag block_migration_flag', 'gone in newton: live_migration_* say it'],
    ['nova', 'DEFAULT', 'enabled_ssl_apis ec2_listen ec2_workers ec2_host', 'gone with the EC2 API in newton'],
  ],
  values,
  compositions: [networkLogin, imageServers],
  additions: [
    fixedKey('nova'),
    {
      project: 'nova',
      since: releaseNamed('newton').index,
      unless: ['api_database', 'connection'],
      section: 'api_database',
      set: {},
      derive: { from: ['database', 'connection'], option: 'connection', change: besides('nova_api') },
      reason:
        'nova has a second database since kilo, and needs it since newton: made on the way, with the same account',
      look: true,
    },
    {
      project: 'nova',
      since: releaseNamed('antelope').index,
      unless: ['service_user', 'send_service_user_token'],
      section: 'service_user',
      set: { send_service_user_token: 'true' },
      copy: { from: 'keystone_authtoken', options: loginOptions },
      reason:
        'since OSSA-2023-003 cinder detaches a volume in use only for a service token; every nova-compute needs the same section',
    },
  ],
  goneDefaults: [
    ...goneDefaultsOf('nova', 'DEFAULT', { glance_host: '$my_ip', glance_port: '9292', glance_protocol: 'http' }),
    ...goneDefaultsOf('nova', 'glance', { host: '$my_ip', port: '9292', protocol: 'http' }),
  ],
  sections: [
    { named: /^neutron_(physnet_\w+|tunnel)$/i, like: [] },
    { named: /^(vgpu|mdev)_/i, like: [] },
  ],
}
