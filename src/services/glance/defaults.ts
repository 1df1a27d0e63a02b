import { type DefaultChange, newRules } from '../default-change.ts'

/** Changed defaults of glance; source: glance/ at the named tags. */
export const glanceDefaults: readonly DefaultChange[] = [
  {
    section: 'DEFAULT',
    option: 'image_cache_driver',
    values: [
      ['havana', 'sqlite'],
      ['caracal', 'centralized_db'],
    ],
    why: 'what is cached is known to the SQLite file, and with centralized_db glance-api does not start without worker_self_reference_url',
    source:
      'glance/image_cache/__init__.py at 27.0.0 (sqlite) and 28.0.0 (centralized_db); glance/sqlite_migration.py at 28.0.0',
    pinned: true,
    when: ['paste_deploy', 'flavor', /cach/],
  },
  ...newRules('antelope', 'glance/api/policy.py at 25.0.0 (not set: false) and 26.0.0 (true)'),
]
