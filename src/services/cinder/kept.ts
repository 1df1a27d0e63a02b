import { type Kept, soft } from '../kept.ts'

export const cinderKept: readonly Kept[] = [
  { ...soft('volume', 'cinder', 'volumes', 't.id', 't.display_name'), on: 't.host' },
  soft('volume attachment', 'cinder', 'volume_attachment', 't.id', "CONCAT(t.volume_id, ' at ', t.instance_uuid)"),
  soft('snapshot', 'cinder', 'snapshots', 't.id', 't.display_name'),
  soft('backup', 'cinder', 'backups', 't.id', 't.display_name'),
  soft('volume type', 'cinder', 'volume_types', 't.id', 't.name'),
]

export const cinderOwn: readonly string[] = ['quota_usages', 'reservations', 'services', 'workers']
