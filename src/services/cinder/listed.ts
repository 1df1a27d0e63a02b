import type { Listed } from '../listing.ts'

/** cinder/api/v2/views/volumes.py, _get_volume_status: the API's names of these states. */
const status = `CASE v.status WHEN 'managing' THEN 'creating' WHEN 'error_managing' THEN 'error'
  WHEN 'error_managing_deleting' THEN 'deleting' ELSE v.status END`

const alive = { columns: ['id'], where: 'x.deleted = 0', mark: 'x.updated_at' } as const

export const cinderListed: readonly Listed[] = [
  {
    what: 'volumes',
    repo: 'cinder',
    from: '$.volumes v',
    columns: ['migration_status'],
    id: 'v.id',
    // the API does not list the target half of a migration
    where: "v.deleted = 0 AND COALESCE(v.migration_status, '') NOT LIKE 'target:%'",
    mark: 'v.updated_at',
    members: { name: 'v.display_name', status, size: { sql: 'v.size', as: 'number' } },
  },
  {
    ...alive,
    what: 'volumes',
    repo: 'cinder',
    from: '$.volumes x',
    unless: 'migration_status',
    id: 'x.id',
    members: { name: 'x.display_name', status: 'x.status', size: { sql: 'x.size', as: 'number' } },
  },
  {
    ...alive,
    what: 'volume snapshots',
    repo: 'cinder',
    from: '$.snapshots x',
    id: 'x.id',
    members: { name: 'x.display_name', status: 'x.status' },
  },
  {
    ...alive,
    what: 'backups',
    repo: 'cinder',
    from: '$.backups x',
    id: 'x.id',
    members: { name: 'x.display_name', status: 'x.status', volume_id: 'x.volume_id' },
  },
  {
    what: 'volume qualities',
    repo: 'cinder',
    from: '$.quality_of_service_specs q',
    columns: ['specs_id'],
    id: 'q.id',
    where: "q.deleted = 0 AND q.`key` = 'QoS_Specs_Name'",
    members: {
      name: 'q.value',
      specs: {
        sql: `(SELECT GROUP_CONCAT(s.\`key\`, '=', s.value ORDER BY s.\`key\` SEPARATOR '\\n')
          FROM $.quality_of_service_specs s WHERE s.specs_id = q.id AND s.deleted = 0 AND s.\`key\` <> 'consumer')`,
        as: 'pairs',
      },
    },
  },
  {
    what: 'volume types',
    repo: 'cinder',
    from: '$.volume_types x',
    columns: ['is_public'],
    id: 'x.id',
    where: 'x.deleted = 0 AND x.is_public = 1',
    members: { name: 'x.name' },
  },
  {
    ...alive,
    what: 'volume types',
    repo: 'cinder',
    from: '$.volume_types x',
    unless: 'is_public',
    id: 'x.id',
    members: { name: 'x.name' },
  },
]
