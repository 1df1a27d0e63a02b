import type { Agent } from './agent.ts'

/** Agents on computes whose services have no recipe: they stay on the old queue as well. */
export const otherAgents: {
  readonly etc: readonly string[]
  readonly agents: readonly Agent[]
} = {
  etc: ['/etc/ceilometer'],
  agents: [
    {
      name: 'ceilometer-polling',
      units: ['ceilometer-agent-compute', 'openstack-ceilometer-compute', 'ceilometer-polling'],
      files: ['/etc/ceilometer/ceilometer.conf'],
    },
  ],
}
