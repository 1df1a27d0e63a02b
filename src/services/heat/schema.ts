import { type Allowed, oldVersions } from '../allowed.ts'

export const heatAllowed: readonly Allowed[] = [
  oldVersions('heat'),
  {
    repo: 'heat',
    kind: 'foreign key name',
    table: 'sync_point',
    name: '(stack_id) to stack (id) on delete RESTRICT on update RESTRICT',
    have: 'fk_stack_id',
    should: 'unnamed *',
    reason: 'the same foreign key, which has no name of its own in newer databases',
    source: 'heat 073_newton names it; c6214ca60943_initial_revision does not',
  },
  {
    repo: 'heat',
    kind: 'index name',
    table: 'sync_point',
    name: '(stack_id)',
    have: 'fk_stack_id',
    should: 'stack_id',
    reason: 'the same index: the server names it after its foreign key',
    source: 'heat 073_newton names the key; c6214ca60943_initial_revision does not',
  },
  ...['resource', 'software_deployment', 'stack'].map(
    (table): Allowed => ({
      repo: 'heat',
      kind: 'type',
      table,
      name: 'status_reason',
      have: 'longtext',
      should: 'text',
      reason: 'holds whatever a text can hold, and more',
      source:
        'heat change 96c4dbe3e (ussuri, 2020) altered 073_newton and nothing in databases that had been through it',
    }),
  ),
]
