import type { Agent, PlaceOption } from '../agent.ts'

const agent = (name: string): Agent => ({
  name,
  units: [name, `openstack-${name}`],
  files: ['/etc/cinder/cinder.conf'],
})

/** On storage nodes, and on computes that export volumes. */
export const cinderAgents: readonly Agent[] = [agent('cinder-volume'), agent('cinder-backup')]

/** cinder/common/config.py and cinder/image/glance.py of Kilo to 2025.1 */
export const cinderPlaces: readonly PlaceOption[] = [
  { section: 'DEFAULT', options: 'glance_api_servers', use: 'API' },
  { section: 'DEFAULT', options: 'glance_host', use: 'API', unless: 'glance_api_servers' },
  { section: 'DEFAULT', options: 'backup_swift_url backup_swift_auth_url', use: 'API' },
  { section: 'nova', options: 'interface_url', use: 'API' },
]
