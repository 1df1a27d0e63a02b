import { absent, joined, older, type RowCheck, rows } from './row-check.ts'

const live = '`deleted` = 0'
const silent = older('1 DAY', '`last_seen_up`', '`updated_at`', '`created_at`')
const unheard = older('1 DAY', '`updated_at`', '`created_at`')

/** Versions and heartbeats of services: what is dead holds the living back. */
export const serviceRows: readonly RowCheck[] = [
  {
    id: 'nova/dead-pins',
    level: 'block',
    title: 'No dead compute holds the RPC version down',
    source: 'known failures P40, P41; nova/objects/service.py get_minimum_version',
    repo: 'nova',
    rows: 'dead computes are of an older version than every live one, and count as the oldest',
    asks: [
      rows(
        'services',
        ['host', 'binary', 'version', 'last_seen_up', 'updated_at', 'deleted'],
        `${live} AND \`binary\` = 'nova-compute' AND ${silent} AND \`version\` < (SELECT MIN(s.\`version\`) FROM {services} s` +
          " WHERE s.`deleted` = 0 AND s.`binary` = 'nova-compute'" +
          ` AND NOT ${older('1 DAY', 's.`last_seen_up`', 's.`updated_at`', 's.`created_at`')})`,
        "CONCAT(`host`, ' of version ', `version`)",
      ),
    ],
    remedy:
      'Delete them: openstack compute service delete ID. Otherwise RPC stays capped, and newer services may not start',
  },
  {
    id: 'nova/mixed-versions',
    level: 'warn',
    title: 'Live computes are of one version',
    source: 'known failure P40; nova/objects/service.py SERVICE_VERSION',
    repo: 'nova',
    rows: 'cell has live computes of several versions',
    asks: [
      joined(
        { services: ['binary', 'version', 'last_seen_up', 'deleted'] },
        '(SELECT GROUP_CONCAT(DISTINCT `version` ORDER BY `version`) AS v, COUNT(DISTINCT `version`) AS n FROM {services}' +
          ` WHERE ${live} AND \`binary\` = 'nova-compute' AND NOT ${silent}) found WHERE n > 1`,
        'v',
      ),
    ],
    remedy: "Finish the computes' own upgrade first, or leave them all as they are",
  },
  {
    id: 'cinder/mixed-versions',
    level: 'warn',
    title: 'Live cinder services of a kind are of one version',
    source: 'known failure P64; cinder/objects/base.py CappedVersionUnknown',
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
    remedy: 'Bring all of them to the release of the old controller and restart them',
  },
  {
    id: 'cinder/lost-services',
    level: 'warn',
    title: 'Volumes name a service that exists',
    source: 'known failure P63; cinder-manage volume update_service',
    repo: 'cinder',
    rows: 'volumes name a service that is gone: their locks and cleanups act on nothing',
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
  {
    id: 'heat/dead-engines',
    level: 'warn',
    title: "Heat's engines report",
    source: 'known failure P41 for heat; heat/objects/service.py: an engine writes its row every minute',
    repo: 'heat',
    rows: 'engines have not reported for more than a day',
    asks: [
      rows(
        'service',
        ['id', 'host', 'binary', 'updated_at', 'deleted_at'],
        `\`deleted_at\` IS NULL AND ${older('1 DAY', '`updated_at`', '`created_at`')}`,
        "CONCAT(`binary`, '@', `host`)",
      ),
    ],
    remedy: 'On the old controller: heat-manage service clean',
  },
]
