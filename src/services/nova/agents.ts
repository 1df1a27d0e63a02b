import type { Agent, PlaceOption } from '../agent.ts'

export const novaAgents: readonly Agent[] = [
  {
    name: 'nova-compute',
    units: ['nova-compute', 'openstack-nova-compute'],
    // oslo_config/cfg.py, find_config_files: the project's file, then the program's
    files: ['/etc/nova/nova.conf', '/etc/nova/nova-compute.conf'],
  },
  {
    name: 'nova-api-metadata',
    units: ['nova-api-metadata', 'openstack-nova-metadata-api'],
    files: ['/etc/nova/nova.conf'],
  },
]

/** nova/conf of Kilo to 2025.1 */
export const novaPlaces: readonly PlaceOption[] = [
  { section: 'glance', options: 'api_servers', use: 'API' },
  { section: 'glance', options: 'host', use: 'API', unless: 'api_servers' },
  { section: 'DEFAULT', options: 'glance_api_servers', use: 'API' },
  { section: 'DEFAULT', options: 'glance_host', use: 'API', unless: 'glance_api_servers api_servers' },
  { section: 'neutron', options: 'url', use: 'API' },
  { section: 'neutron', options: 'admin_auth_url', use: 'identity' },
  { section: 'DEFAULT', options: 'neutron_url', use: 'API' },
  { section: 'DEFAULT', options: 'neutron_admin_auth_url', use: 'identity' },
  { section: 'cinder', options: 'endpoint_template', use: 'API' },
  { section: 'barbican', options: 'barbican_endpoint', use: 'API' },
  { section: 'barbican', options: 'auth_endpoint', use: 'identity' },
  // Users' browsers are sent there.
  { section: 'vnc', options: 'novncproxy_base_url xvpvncproxy_base_url', use: 'console' },
  { section: 'DEFAULT', options: 'novncproxy_base_url xvpvncproxy_base_url', use: 'console' },
  { section: 'spice', options: 'html5proxy_base_url', use: 'console' },
  { section: 'rdp', options: 'html5_proxy_base_url', use: 'console' },
  { section: 'serial_console', options: 'base_url', use: 'console' },
]
