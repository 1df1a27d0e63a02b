import type { Tools } from '../tools.ts'

const online = [{ argv: ['cinder-manage', 'db', 'online_data_migrations'], again: [1] }] as const

/** bin/cinder-manage, since juno cinder/cmd/manage.py. */
export const cinderTools: readonly Tools[] = [
  { from: 'grizzly', sync: [{ argv: ['cinder-manage', 'db', 'sync'] }] },
  { from: 'ocata', online },
  // shared_targets_online_data_migration asks every cinder-volume for its capabilities over the queue, and during a hop
  // none answers: SQL does what these releases migrate. 14.1.0 has nothing to migrate.
  { from: 'queens', online: [] },
  { from: 'rocky', sync: [{ argv: ['cinder-manage', 'db', 'sync', '--bump-versions'] }] },
  { from: 'train', online },
]
