import type { Recipe } from '../recipe.ts'
import { cinderAgents, cinderPlaces } from './agents.ts'
import { cinderOperations } from './in-flight.ts'
import { cinderTools } from './tools.ts'
import { cinderVolumes } from './volumes.ts'

export const cinderRecipe = {
  name: 'cinder',
  after: ['keystone'],
  // cinder/image/glance.py: volumes from images and images of volumes. cinder/compute/nova.py also calls nova, but nova
  // calls cinder for every volume of a server
  calls: ['keystone', 'barbican', 'glance'],
  catalog: ['volumev3', 'volumev2', 'volume', 'block-storage'],
  databases: [{ name: 'cinder', repo: 'cinder' }],
  source: [
    { name: 'api', api: true, units: ['cinder-api', 'openstack-cinder-api'] },
    { name: 'scheduler', units: ['cinder-scheduler', 'openstack-cinder-scheduler'] },
    { name: 'volume', units: ['cinder-volume', 'openstack-cinder-volume'] },
    { name: 'backup', units: ['cinder-backup', 'openstack-cinder-backup'] },
    { name: 'portal', units: ['tgt', 'tgtd'] },
  ],
  target: [
    { name: 'api', units: ['cinder-api'] },
    { name: 'scheduler', units: ['cinder-scheduler'] },
    { name: 'volume', units: ['cinder-volume'] },
  ],
  support: ['tgt'],
  iscsi: true,
  packages: ['cinder-api', 'cinder-scheduler', 'cinder-volume', 'tgt'],
  release: { package: 'cinder-common', project: 'cinder', first: { release: 'liberty', major: 7 } },
  etc: ['/etc/cinder'],
  files: [
    {
      path: '/etc/cinder/cinder.conf',
      namespaces: [
        'cinder',
        'castellan.config',
        'os_brick',
        'oslo.log',
        'oslo.db',
        'oslo.policy',
        'oslo.privsep',
        'oslo.concurrency',
        'oslo.messaging',
        'oslo.middleware',
        'oslo.reports',
        'oslo.service.periodic_task',
        'oslo.service.service',
        'oslo.service.sslutils',
        'oslo.service.wsgi',
        'keystonemiddleware.auth_token',
        'osprofiler',
      ],
    },
  ],
  storage: [cinderVolumes],
  user: 'cinder',
  tools: cinderTools,
  fixups: ['cinder-host', 'iscsi-portal', 'stale-services'],
  light: { type: 'volumev3', path: '/types?limit=1' },
  onComputes: { etc: ['/etc/cinder'], agents: cinderAgents, places: cinderPlaces },
  held: {
    kind: 'disk',
    repo: 'cinder',
    select: "SELECT id, '' AS host FROM {}.volumes WHERE deleted = 0 AND id IN (?)",
  },
  inFlight: cinderOperations,
  reports: {
    repo: 'cinder',
    table: 'services',
    seen: 'updated_at',
    where: "deleted = 0 AND `binary` = 'cinder-volume'",
  },
  inventory: [
    {
      what: 'volumes',
      type: 'volumev3',
      path: '/volumes/detail?all_tenants=1&limit=500',
      list: 'volumes',
      fields: ['name', 'status', 'size'],
    },
    {
      what: 'volume snapshots',
      type: 'volumev3',
      path: '/snapshots?all_tenants=1&limit=500',
      list: 'snapshots',
      fields: ['name', 'status'],
    },
    {
      what: 'backups',
      type: 'volumev3',
      path: '/backups/detail?all_tenants=1&limit=500',
      list: 'backups',
      fields: ['name', 'status', 'volume_id'],
    },
    {
      what: 'volume qualities',
      type: 'volumev3',
      path: '/qos-specs?limit=500',
      list: 'qos_specs',
      fields: ['name', 'specs'],
    },
    {
      what: 'volume types',
      type: 'volumev3',
      path: '/types?is_public=None&limit=500',
      list: 'volume_types',
      fields: ['name'],
    },
  ],
} as const satisfies Recipe
