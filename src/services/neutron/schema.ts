import type { Allowed } from '../allowed.ts'

export const neutronAllowed: readonly Allowed[] = [
  {
    repo: 'neutron',
    kind: 'index',
    table: 'networksegments',
    name: 'network_id',
    have: '(network_id)',
    should: '',
    reason:
      'made by the server for the foreign key; a dump names it, so the server no longer drops it when a unique index that begins with the column comes',
    source: 'neutron e981acd076d3 (yoga) and fc153938cdc1 (2023.1), after a dump and import',
  },
  {
    repo: 'neutron',
    kind: 'index name',
    table: 'securitygroupportbindings',
    name: '(security_group_id)',
    have: 'security_group_id',
    should: 'securitygroupportbindings_ibfk_2',
    reason:
      'the same index: the server names it after the foreign key that is made anew, unless a dump has named it before',
    source: 'neutron 5881373af7f5 (zed)',
  },
]
