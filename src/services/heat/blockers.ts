import type { Blocker } from '../../releases/blocker.ts'
import { charset } from '../charset.ts'

export const heatBlockers: readonly Blocker[] = [
  charset('heat', 'the same check, read in its code; without it the foreign key of stack_lock fails (errno 150, seen)'),
  {
    id: 'heat-legacy-revision',
    repo: 'heat',
    stops: { release: 'bobcat', migration: 'c6214ca60943' },
    rows: 'a legacy revision before 86, whose missing migrations 2023.2 would skip in silence',
    asks: [
      {
        needs: { migrate_version: ['repository_id', 'version'] },
        from: "{migrate_version} WHERE `repository_id` = 'heat' AND `version` < 86",
        example: "CONCAT('revision ', `version`)",
      },
    ],
    mends: [{ by: ['rocky', 'antelope'], argv: ['heat-manage', 'db_sync'], when: 'on-the-way' }],
    always: false,
    level: 'block',
    source: 'heat/db/migration.py stamps any legacy database without looking',
  },
]
