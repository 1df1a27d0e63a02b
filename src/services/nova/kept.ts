import { type Kept, soft } from '../kept.ts'

export const novaKept: readonly Kept[] = [
  { ...soft('server', 'nova', 'instances', 't.uuid', 't.display_name'), on: 't.host' },
  {
    what: 'keypair',
    repo: 'nova_api',
    table: 'key_pairs',
    id: "CONCAT_WS('/', t.user_id, t.name)",
    name: 't.name',
    created: 't.created_at',
  },
  { what: 'flavor', repo: 'nova_api', table: 'flavors', id: 't.flavorid', name: 't.name', created: 't.created_at' },
  {
    what: 'server group',
    repo: 'nova_api',
    table: 'instance_groups',
    id: 't.uuid',
    name: 't.name',
    created: 't.created_at',
  },
  { what: 'aggregate', repo: 'nova_api', table: 'aggregates', id: 't.uuid', name: 't.name', created: 't.created_at' },
]

export const novaOwn: readonly string[] = [
  'compute_nodes',
  'instance_info_caches',
  'pci_devices',
  'services',
  'task_log',
]
