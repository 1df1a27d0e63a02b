import type { Imported } from '../../services/options.ts'

/** Sources: [project.entry-points] or setup.cfg of the libraries at 2025.1. */
export const commonImported: readonly Imported[] = [
  { project: '*', section: 'oslo_messaging_notifications', option: 'driver', group: 'oslo.messaging.notify.drivers' },
  { project: '*', section: 'key_manager', option: 'backend', group: 'castellan.drivers' },
  { project: '*', section: 'cache', option: 'backend', group: 'dogpile.cache' },
]

/** What such options hold may be the path of a class, a function or a module. */
export const importing = /(^|_)(drivers?|plugins?|managers?|class|backend|provider|hooks?|available_filters)$/

/** Read by computes and agents, or looked at elsewhere (a backend's volume_driver). */
export const notHere = /^(compute_driver|vif_driver|volume_drivers?|interface_driver|dhcp_driver|firewall_driver)$/
