import { absent, joined, older, type RowCheck } from '../row-check.ts'

const live = '`deleted` = 0'
const unheard = older('1 DAY', '`updated_at`', '`created_at`')

export const cinderLinks: readonly RowCheck[] = [
  {
    id: 'cinder/mixed-versions',
    level: 'warn',
    title: 'Live cinder services of a kind have the same version',
    source: 'cinder/objects/base.py CappedVersionUnknown',
    why: 'RPC stays capped at the oldest version.',
    repo: 'cinder',
    rows: 'kinds of service report several RPC versions',
    asks: [
      joined(
        { services: ['binary', 'rpc_current_version', 'updated_at', 'deleted'] },
        '(SELECT `binary` AS b, GROUP_CONCAT(DISTINCT `rpc_current_version`) AS v FROM {services}' +
          ` WHERE ${live} AND NOT ${unheard} GROUP BY b HAVING COUNT(DISTINCT \`rpc_current_version\`) > 1) found`,
        "CONCAT(b, ': ', v)",
      ),
    ],
    remedy: 'Upgrade all of them to the release of the old controller and restart them',
  },
  {
    id: 'cinder/lost-services',
    level: 'warn',
    title: 'Volumes name a service that exists',
    source: 'cinder/cmd/manage.py volume update_service',
    why: 'Locks and cleanups have no effect.',
    repo: 'cinder',
    rows: 'volumes name a service that is gone: their locks and cleanups have no effect',
    asks: [
      joined(
        { volumes: ['id', 'service_uuid', 'deleted'], services: ['uuid', 'deleted'] },
        '{volumes} v WHERE v.`deleted` = 0 AND v.`service_uuid` IS NOT NULL' +
          ` AND ${absent('v.`service_uuid`', '`uuid`', '{services} WHERE `deleted` = 0')}`,
        'v.`id`',
      ),
    ],
    remedy: 'On the old controller: cinder-manage volume update_service',
  },
]
