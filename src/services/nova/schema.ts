import type { Allowed } from '../allowed.ts'

export const novaAllowed: readonly Allowed[] = [
  {
    repo: 'nova',
    kind: 'table',
    table: 'shadow_migrate_version',
    name: '',
    have: 'base table',
    should: '',
    reason: 'the empty shadow of the version table of that time; nothing reads or writes it',
    source: 'nova 133/216 made a shadow of every table there was; 1b91788ec3a6 drops migrate_version, not its shadow',
  },
  {
    repo: 'nova',
    kind: 'table',
    table: 'shadow_alembic_version',
    name: '',
    have: '',
    should: 'base table',
    reason: 'the empty shadow of the version table of this time; nothing reads or writes it',
    source: 'nova 8f2f1571d55b_initial_version makes a shadow of every table there is, alembic_version among them',
  },
  {
    repo: 'nova',
    kind: 'nullability',
    table: 'shadow_quota_usages',
    name: 'resource',
    have: 'NULL',
    should: 'NOT NULL',
    reason: 'archived rows may be older than the rule; nothing writes to this table any more',
    source:
      "nova 8f2f1571d55b_initial_version means to keep it NULL and asks for a column 'resources', which does not exist",
  },
]
