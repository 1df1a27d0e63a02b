import { instances } from '../nova/references.ts'
import type { Reference } from '../reference.ts'

/** Until a move is confirmed it keeps the allocation at its old place. */
const holding = `deleted = 0 AND status NOT IN
  ('confirmed', 'reverted', 'error', 'failed', 'completed', 'done', 'cancelled')`

export const placementReferences: readonly Reference[] = [
  {
    id: 'placement/allocation-consumer',
    services: ['placement'],
    what: 'allocation',
    rows: { repo: 'placement', from: '$.allocations', id: 'id', key: 'consumer_id' },
    to: [{ repo: 'placement', from: '$.consumers', key: 'uuid' }],
    says: 'is of consumer KEY, which does not exist',
  },
  {
    id: 'placement/allocation-instance',
    services: ['nova', 'placement'],
    what: 'consumer',
    rows: { repo: 'placement', from: '$.allocations', id: 'consumer_id', key: 'consumer_id' },
    to: [instances, { repo: 'nova', from: '$.migrations', key: 'uuid', where: holding }],
    says: 'has allocations, and no instance and no migration has its uuid: what it holds is lost to the scheduler',
  },
  {
    id: 'placement/instance-allocation',
    services: ['nova', 'placement'],
    what: 'instance',
    rows: {
      ...instances,
      id: 'uuid',
      where:
        "deleted = 0 AND host IS NOT NULL AND vm_state NOT IN ('deleted', 'soft-delete', 'shelved_offloaded', 'building', 'error')",
    },
    to: [{ repo: 'placement', from: '$.allocations', key: 'consumer_id' }],
    says: 'has no allocations: the scheduler takes its place for free',
  },
  {
    id: 'placement/instance-provider',
    services: ['nova', 'placement'],
    what: 'instance',
    rows: {
      repo: 'nova',
      from: '$.instances',
      id: 'uuid',
      key: "CONCAT_WS(' ', uuid, node)",
      where:
        "deleted = 0 AND host IS NOT NULL AND task_state IS NULL AND vm_state IN ('active', 'paused', 'stopped', 'suspended')",
    },
    to: [
      {
        repo: 'placement',
        from: `$.allocations a JOIN $.resource_providers p ON p.id = a.resource_provider_id
          JOIN $.resource_providers r ON r.id = COALESCE(p.root_provider_id, p.id)`,
        key: "CONCAT_WS(' ', a.consumer_id, r.name)",
      },
    ],
    says: 'has no allocations with the provider of its node: KEY (instance, node)',
  },
  {
    id: 'placement/node-provider',
    services: ['nova', 'placement'],
    what: 'compute node',
    rows: {
      repo: 'nova',
      from: '$.compute_nodes',
      id: 'hypervisor_hostname',
      key: "CONCAT_WS(' ', uuid, hypervisor_hostname)",
      where: 'deleted = 0',
    },
    to: [{ repo: 'placement', from: '$.resource_providers', key: "CONCAT_WS(' ', uuid, name)" }],
    says: 'has no resource provider of its uuid and name: KEY',
  },
]
