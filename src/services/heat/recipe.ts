import type { Recipe } from '../recipe.ts'
import { heatOperations } from './in-flight.ts'
import { heatTools } from './tools.ts'

export const heatRecipe = {
  name: 'heat',
  after: ['keystone'],
  // heat/engine/clients/os: a stack creates servers, ports, volumes and images one after the other
  calls: ['keystone', 'barbican', 'glance', 'neutron', 'cinder', 'nova'],
  catalog: ['orchestration', 'cloudformation'],
  databases: [{ name: 'heat', repo: 'heat' }],
  source: [
    { name: 'api', api: true, units: ['heat-api', 'openstack-heat-api'] },
    { name: 'cfn', api: true, units: ['heat-api-cfn', 'openstack-heat-api-cfn'] },
    { name: 'engine', units: ['heat-engine', 'openstack-heat-engine'] },
  ],
  target: [
    { name: 'api', units: ['heat-api'] },
    { name: 'cfn', units: ['heat-api-cfn'] },
    { name: 'engine', units: ['heat-engine'] },
  ],
  packages: ['heat-api', 'heat-api-cfn', 'heat-engine'],
  companions: ['python3-heatclient'],
  release: { package: 'heat-common', project: 'heat', first: { release: 'liberty', major: 5 } },
  etc: ['/etc/heat'],
  files: [
    {
      path: '/etc/heat/heat.conf',
      namespaces: [
        'heat.common.config',
        'heat.common.crypt',
        'heat.engine.clients',
        'heat.engine.resources',
        'heat.common.cache',
        'heat.common.context',
        'heat.common.wsgi',
        'heat.api.aws.ec2token',
        'heat.api.middleware.ssl',
        'heat.engine.notification',
        'oslo.log',
        'oslo.db',
        'oslo.policy',
        'oslo.messaging',
        'oslo.middleware',
        'oslo.cache',
        'oslo.service.service',
        'oslo.service.sslutils',
        'oslo.service.wsgi',
        'oslo.reports',
        'keystonemiddleware.auth_token',
        'osprofiler',
      ],
    },
  ],
  storage: [],
  user: 'heat',
  tools: heatTools,
  fixups: ['stale-services', 'stack-credentials'],
  // only the admin's own project: heat's policy denies listing all (stacks:global_index)
  light: { type: 'orchestration', path: '/stacks?limit=1' },
  inFlight: heatOperations,
  inventory: [
    {
      what: 'stacks',
      type: 'orchestration',
      path: '/stacks?limit=500',
      list: 'stacks',
      fields: ['stack_name', 'stack_status'],
    },
  ],
} as const satisfies Recipe
