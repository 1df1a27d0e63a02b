import { identityV3, passwordPlugin } from '../option-kinds.ts'
import type { Composition, OptionRules, ValueRule } from '../options.ts'
import { neutronDefaults } from './defaults.ts'
import { neutronGoneOptions } from './gone-options.ts'
import { neutronKnownOptions } from './known-options.ts'

const computeLogin: Composition = {
  project: 'neutron',
  sections: ['DEFAULT'],
  uses: ['username', 'password', 'tenant_id', 'tenant_name', 'auth_url'].map((name) => `nova_admin_${name}`),
  unless: [
    ['nova', 'auth_type'],
    ['nova', 'auth_plugin'],
  ],
  reason: 'gone in mitaka: [nova] with the password plugin takes their place',
  make: (ask) => {
    const old = (name: string) => ask(['DEFAULT'], `nova_admin_${name}`)
    const url = old('auth_url')
    return passwordPlugin('nova', url === undefined ? undefined : identityV3(url), {
      username: old('username'),
      password: old('password'),
      project_id: old('tenant_id'),
      project_name: old('tenant_id') === undefined ? old('tenant_name') : undefined,
    })
  },
}

/** The core plugins that neutron/db/migration/migrate_to_ml2.py replaces, under each name they had. */
const beforeMl2 =
  /^(?:(?:neutron|quantum)\.plugins\.(?:openvswitch|linuxbridge|hyperv)\.\w+\.\w+|openvswitch|linuxbridge|hyperv)$/

const values: readonly ValueRule[] = [
  {
    project: 'neutron',
    section: 'DEFAULT',
    options: 'core_plugin',
    since: 'juno',
    change: (value) => (beforeMl2.test(value.trim()) ? { value, look: true } : undefined),
    reason: 'ML2 took the place of this plugin in juno, with other tables and options',
    stops:
      'Before the swap, with the code of icehouse or juno (of kilo for hyperv): python -m neutron.db.migration.migrate_to_ml2 PLUGIN URL, with --tunnel-type where networks are tunnels; then write the options of the plugin into /etc/neutron/plugins/ml2/ml2_conf.ini, set core_plugin = ml2 there and restart neutron-server',
  },
  {
    project: 'neutron',
    section: 'quotas',
    options: 'quota_driver',
    since: 'liberty',
    without: ['neutron.db.quota_db.DbQuotaDriver', 'neutron.quota.ConfDriver'],
    isDefault: true,
    reason: 'its module is gone: quotas are in the database, which is the default',
  },
  {
    project: 'neutron',
    section: 'ml2',
    options: 'mechanism_drivers',
    since: '2025.1',
    without: ['linuxbridge'],
    reason: 'the Linux bridge driver is gone in 2025.1: ports bound by it need another driver',
    look: true,
    stops:
      'Before the swap, move every port and agent to another mechanism driver, remove this one there and restart neutron-server',
  },
  {
    project: 'neutron',
    section: 'DEFAULT',
    options: 'service_plugins',
    since: 'train',
    without: [
      ...['lbaas', 'lbaasv2', 'firewall'],
      /^neutron(_lbaas)?\.services\.loadbalancer\.plugin\.LoadBalancerPlugin(v2)?$/,
      /^neutron(_fwaas)?\.services\.firewall\.fwaas_plugin\.FirewallPlugin$/,
    ],
    reason: 'neutron-lbaas and fwaas v1 are gone since train: octavia takes the place of the first',
    look: true,
    stops:
      'Before the swap, move the load balancers to octavia and delete the firewalls, remove the plugin there and restart neutron-server',
  },
]

/**
 * Old options of neutron. Sources: [project.entry-points] or setup.cfg at 2025.1; release notes;
 * neutron/services/provider_configuration.py for [service_providers].
 */
export const neutronOptions: OptionRules = {
  known: neutronKnownOptions,
  defaults: neutronDefaults,
  removed: neutronGoneOptions,
  moves: [
    ['neutron', 'DEFAULT', 'nova_region_name', 'nova', 'region_name', 'gone in mitaka'],
    ['neutron', 'DEFAULT', 'nova_url', 'nova', 'endpoint_override', 'gone in mitaka'],
    ['neutron', 'DEFAULT', 'nova_metadata_ip', 'DEFAULT', 'nova_metadata_host', 'renamed in pike; gone in queens'],
    ['neutron', 'DEFAULT', 'dnsmasq_dns_server', 'DEFAULT', 'dnsmasq_dns_servers', 'renamed in icehouse'],
    [
      'neutron',
      'DEFAULT|ml2',
      'segment_mtu',
      'DEFAULT',
      'global_physnet_mtu',
      'renamed in mitaka; alias gone in 2024.1',
    ],
  ],
  gone: [
    ['neutron', 'DEFAULT', 'allow_overlapping_ips', 'gone in zed: always so'],
    [
      'neutron',
      'DEFAULT',
      'external_network_bridge gateway_external_network_id',
      'gone: provider networks do this',
      'look',
    ],
    ['neutron', 'DEFAULT', 'advertise_mtu min_l3_agents_per_router', 'gone in ocata'],
    ['neutron', 'AGENT', 'prevent_arp_spoofing', 'gone in pike: always so'],
    ['neutron', 'OVS', 'of_interface ovsdb_interface', 'gone: native is the only way left'],
  ],
  values,
  compositions: [computeLogin],
  imported: [
    { project: 'neutron', section: 'DEFAULT', option: 'core_plugin', group: 'neutron.core_plugins' },
    { project: 'neutron', section: 'DEFAULT', option: 'service_plugins', group: 'neutron.service_plugins' },
    { project: 'neutron', section: 'DEFAULT', option: 'ipam_driver', group: 'neutron.ipam_drivers' },
    ...['type', 'mechanism', 'extension'].map((kind) => ({
      ...{ project: 'neutron', section: 'ml2', option: `${kind}_drivers`, group: `neutron.ml2.${kind}_drivers` },
    })),
  ],
  sections: [{ named: /^service_providers$/i, like: [] }],
}
