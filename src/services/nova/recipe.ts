import type { Recipe } from '../recipe.ts'
import { novaAgents, novaPlaces } from './agents.ts'
import { computeRule } from './computes.ts'
import { novaOperations } from './in-flight.ts'
import { novaTools } from './tools.ts'

export const novaRecipe = {
  name: 'nova',
  after: ['keystone', 'glance', 'placement', 'neutron', 'cinder'],
  // nova/image/glance.py, nova/scheduler/client/report.py, nova/network/neutron.py, nova/volume/cinder.py
  calls: ['keystone', 'barbican', 'glance', 'placement', 'neutron', 'cinder'],
  catalog: ['compute', 'compute_legacy'],
  databases: [
    { name: 'nova_api', repo: 'nova_api', section: 'api_database', since: 'kilo', needed: 'newton' },
    { name: 'nova_cell0', repo: 'nova', since: 'newton', needed: 'ocata' },
    { name: 'nova', repo: 'nova' },
  ],
  source: [
    { name: 'api', api: true, units: ['nova-api', 'nova-api-os-compute', 'openstack-nova-api'] },
    { name: 'metadata', api: true, units: ['nova-api-metadata'] },
    { name: 'conductor', units: ['nova-conductor', 'openstack-nova-conductor'] },
    { name: 'scheduler', units: ['nova-scheduler', 'openstack-nova-scheduler'] },
    { name: 'consoleauth', units: ['nova-consoleauth', 'openstack-nova-consoleauth'] },
    { name: 'cert', units: ['nova-cert', 'openstack-nova-cert'] },
    { name: 'novncproxy', units: ['nova-novncproxy', 'openstack-nova-novncproxy'] },
  ],
  target: [
    { name: 'api', units: ['nova-api'] },
    { name: 'metadata', units: ['nova-api-metadata'] },
    { name: 'conductor', units: ['nova-conductor'] },
    { name: 'scheduler', units: ['nova-scheduler'] },
  ],
  packages: ['nova-api', 'nova-conductor', 'nova-scheduler'],
  release: { package: 'nova-common', project: 'nova', first: { release: 'liberty', major: 12 } },
  etc: ['/etc/nova'],
  files: [
    {
      path: '/etc/nova/nova.conf',
      namespaces: [
        'nova.conf',
        'oslo.limit',
        'oslo.log',
        'oslo.messaging',
        'oslo.policy',
        'oslo.privsep',
        'oslo.service.periodic_task',
        'oslo.service.service',
        'oslo.service.sslutils',
        'oslo.service.wsgi',
        'oslo.db',
        'oslo.db.concurrency',
        'oslo.cache',
        'oslo.middleware.cors',
        'oslo.middleware.http_proxy_to_wsgi',
        'oslo.middleware.sizelimit',
        'oslo.concurrency',
        'oslo.reports',
        'keystonemiddleware.auth_token',
        'osprofiler',
      ],
    },
  ],
  storage: [],
  user: 'nova',
  tools: novaTools,
  // nova/cmd/manage.py, DbCommands.sync: the cell of this uuid is cell0, and its row holds the URL
  tryRows: [
    {
      into: 'nova_api',
      table: 'cell_mappings',
      row: { uuid: '00000000-0000-0000-0000-000000000000', name: 'cell0' },
      column: 'database_connection',
      leadsTo: 'nova_cell0',
      key: 'uuid',
      others: 'nova',
      blank: { transport_url: 'none:///' },
    },
  ],
  cells: { database: 'nova_api', settings: 'nova.conf', tool: 'nova-manage cell_v2 update_cell' },
  fixups: ['iscsi-portal', 'stale-services'],
  oldComputes: { file: '/etc/nova/nova.conf', rule: computeRule },
  onComputes: { etc: ['/etc/nova'], queues: 'nova.conf', agents: novaAgents, places: novaPlaces },
  held: {
    kind: 'guest',
    repo: 'nova',
    select: 'SELECT uuid AS id, host FROM {}.instances WHERE uuid IN (?)',
    files: '/var/lib/nova/instances',
  },
  light: { type: 'compute', path: '/flavors?limit=1' },
  inFlight: novaOperations,
  reports: {
    repo: 'nova',
    table: 'services',
    seen: 'updated_at',
    where: "deleted = 0 AND `binary` = 'nova-compute'",
  },
  inventory: [
    {
      what: 'servers',
      type: 'compute',
      path: '/servers/detail?all_tenants=1&limit=500',
      list: 'servers',
      fields: ['name', 'status', 'tenant_id'],
    },
    {
      what: 'flavors',
      type: 'compute',
      path: '/flavors/detail?is_public=None&limit=500',
      list: 'flavors',
      fields: ['name', 'ram'],
    },
    {
      what: 'server groups',
      type: 'compute',
      path: '/os-server-groups?all_projects=True&limit=500&offset=0',
      list: 'server_groups',
      fields: ['name', 'members'],
    },
    {
      what: 'aggregates',
      type: 'compute',
      path: '/os-aggregates',
      list: 'aggregates',
      fields: ['name', 'availability_zone', 'hosts'],
    },
    {
      what: 'hypervisors',
      type: 'compute',
      path: '/os-hypervisors',
      list: 'hypervisors',
      fields: ['hypervisor_hostname'],
    },
  ],
} as const satisfies Recipe
