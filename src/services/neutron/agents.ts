import type { Agent, PlaceOption } from '../agent.ts'

const agent = (name: string, ...files: readonly string[]): Agent => ({
  name,
  units: [name],
  files: ['/etc/neutron/neutron.conf', ...files.map((file) => `/etc/neutron/${file}`)],
})

// neutron/agent/linux/external_process.py: these agents start helpers that serve traffic. systemd.kill(5): unless the
// unit has KillMode=process the helpers end with the agent, and so they do in a container of their own.
const routers = 'keepalived and radvd of its routers may end with it, and floating addresses with them'
const leases = 'its dnsmasq may end with it, and servers get no lease meanwhile'

export const neutronAgents: readonly Agent[] = [
  agent('neutron-openvswitch-agent', 'plugins/ml2/ml2_conf.ini', 'plugins/ml2/openvswitch_agent.ini'),
  agent('neutron-linuxbridge-agent', 'plugins/ml2/ml2_conf.ini', 'plugins/ml2/linuxbridge_agent.ini'),
  agent('neutron-sriov-nic-agent', 'plugins/ml2/ml2_conf.ini', 'plugins/ml2/sriov_agent.ini'),
  agent('neutron-macvtap-agent', 'plugins/ml2/macvtap_agent.ini'),
  { ...agent('neutron-l3-agent', 'l3_agent.ini', 'fwaas_driver.ini'), cuts: routers },
  { ...agent('neutron-dhcp-agent', 'dhcp_agent.ini'), cuts: leases },
  agent('neutron-metadata-agent', 'metadata_agent.ini'),
  agent('neutron-metering-agent', 'metering_agent.ini'),
  {
    name: 'neutron-ovn-metadata-agent',
    units: ['neutron-ovn-metadata-agent', 'networking-ovn-metadata-agent'],
    files: ['/etc/neutron/neutron.conf', '/etc/neutron/neutron_ovn_metadata_agent.ini'],
  },
  agent('neutron-ovn-agent', 'plugins/ml2/ovn_agent.ini'),
]

/** neutron/conf of Kilo to 2025.1 */
export const neutronPlaces: readonly PlaceOption[] = [
  { section: 'DEFAULT', options: 'nova_metadata_host nova_metadata_ip', use: 'metadata' },
  { section: 'DEFAULT', options: 'nova_url', use: 'API' },
  { section: 'DEFAULT', options: 'nova_admin_auth_url', use: 'identity' },
  { section: 'designate', options: 'url', use: 'API' },
  { section: 'ovn', options: 'ovn_nb_connection ovn_sb_connection', use: 'ovsdb' },
  { section: 'ovs', options: 'ovsdb_connection', use: 'ovsdb' },
]
