import type { Allowed } from '../allowed.ts'

export const cinderAllowed: readonly Allowed[] = [
  {
    repo: 'cinder',
    kind: 'index name',
    table: 'quota_usages',
    name: 'unique (project_id, resource, race_preventer)',
    have: 'quota_usages_project_id_key',
    should: 'project_id',
    reason: 'the same unique index, by the name that sqlalchemy-migrate made up',
    source: 'cinder 141_add_quota_usage_unique_constraint (xena); 921e1a36b076_initial gives it no name',
  },
]
