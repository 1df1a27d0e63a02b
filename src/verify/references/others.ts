import { oldHost, type Reference, type Rows, text } from '../references-rule.ts'
import { instances } from './nova.ts'

const projects = { repo: 'keystone', from: '$.project', key: 'id' } as const satisfies Rows
/** users of LDAP and of federations are known by their mapping, or not at all */
const users: readonly Rows[] = [
  { repo: 'keystone', from: '$.user', key: 'id' },
  { repo: 'keystone', from: '$.id_mapping', key: 'public_id' },
]

const owned = (service: string, what: string, rows: Reference['rows']): Reference => ({
  id: `${service}/project-of-${what}`,
  services: ['keystone', service],
  what,
  rows,
  to: [projects],
  says: 'belongs to project KEY, which keystone does not have',
})

/** A move's old place is held by the move until it is confirmed. */
const holding = `deleted = 0 AND status NOT IN
  ('confirmed', 'reverted', 'error', 'failed', 'completed', 'done', 'cancelled')`

export const placement: readonly Reference[] = [
  {
    id: 'placement/allocation-consumer',
    services: ['placement'],
    what: 'allocation',
    rows: { repo: 'placement', from: '$.allocations', id: 'id', key: 'consumer_id' },
    to: [{ repo: 'placement', from: '$.consumers', key: 'uuid' }],
    says: 'is of consumer KEY, which does not exist',
  },
  {
    id: 'placement/allocation-instance',
    services: ['nova', 'placement'],
    what: 'consumer',
    rows: { repo: 'placement', from: '$.allocations', id: 'consumer_id', key: 'consumer_id' },
    to: [instances, { repo: 'nova', from: '$.migrations', key: 'uuid', where: holding }],
    says: 'has allocations, and no instance and no migration has its uuid: what it holds is lost to the scheduler',
  },
  {
    id: 'placement/instance-allocation',
    services: ['nova', 'placement'],
    what: 'instance',
    rows: {
      ...instances,
      id: 'uuid',
      where:
        "deleted = 0 AND host IS NOT NULL AND vm_state NOT IN ('deleted', 'soft-delete', 'shelved_offloaded', 'building', 'error')",
    },
    to: [{ repo: 'placement', from: '$.allocations', key: 'consumer_id' }],
    says: 'has no allocations: the scheduler takes its place for free',
  },
  {
    id: 'placement/instance-provider',
    services: ['nova', 'placement'],
    what: 'instance',
    rows: {
      repo: 'nova',
      from: '$.instances',
      id: 'uuid',
      key: "CONCAT_WS(' ', uuid, node)",
      where:
        "deleted = 0 AND host IS NOT NULL AND task_state IS NULL AND vm_state IN ('active', 'paused', 'stopped', 'suspended')",
    },
    to: [
      {
        repo: 'placement',
        from: `$.allocations a JOIN $.resource_providers p ON p.id = a.resource_provider_id
          JOIN $.resource_providers r ON r.id = COALESCE(p.root_provider_id, p.id)`,
        key: "CONCAT_WS(' ', a.consumer_id, r.name)",
      },
    ],
    says: 'has no allocations with the provider of its node: KEY (instance, node)',
  },
  {
    id: 'placement/node-provider',
    services: ['nova', 'placement'],
    what: 'compute node',
    rows: {
      repo: 'nova',
      from: '$.compute_nodes',
      id: 'hypervisor_hostname',
      key: "CONCAT_WS(' ', uuid, hypervisor_hostname)",
      where: 'deleted = 0',
    },
    to: [{ repo: 'placement', from: '$.resource_providers', key: "CONCAT_WS(' ', uuid, name)" }],
    says: 'has no resource provider of its uuid and name: KEY',
  },
]

export const glance: readonly Reference[] = [
  {
    id: 'glance/image-location',
    services: ['glance'],
    what: 'image',
    rows: {
      repo: 'glance',
      from: '$.images',
      id: 'id',
      key: 'id',
      where: "deleted = 0 AND status = 'active' AND size > 0",
    },
    to: [{ repo: 'glance', from: '$.image_locations', key: 'image_id', where: 'deleted = 0' }],
    says: 'is active and has no location: it has no bytes',
  },
  {
    id: 'glance/instance-image',
    services: ['nova', 'glance'],
    what: 'instance',
    rows: { ...instances, id: 'uuid', key: 'image_ref', where: "deleted = 0 AND image_ref <> ''" },
    to: [{ repo: 'glance', from: '$.images', key: 'id' }],
    says: 'was made from image KEY, of which glance has no row, not even a deleted one',
  },
  owned('glance', 'image', {
    repo: 'glance',
    from: '$.images',
    id: 'id',
    key: 'owner',
    where: "deleted = 0 AND owner <> ''",
  }),
]

export const heat: readonly Reference[] = [
  {
    id: 'heat/stack-trust',
    services: ['keystone', 'heat'],
    what: 'stack',
    rows: {
      repo: 'heat',
      from: '$.stack s JOIN $.user_creds c ON c.id = s.user_creds_id',
      id: 's.id',
      key: "CONCAT_WS(' ', c.trustor_user_id, c.tenant_id)",
      // the trust's id itself is encrypted
      where: 's.deleted_at IS NULL AND c.trust_id IS NOT NULL AND c.trustor_user_id IS NOT NULL',
    },
    to: [
      {
        repo: 'keystone',
        from: '$.trust',
        key: "CONCAT_WS(' ', trustor_user_id, project_id)",
        where: 'deleted_at IS NULL',
      },
    ],
    says: 'acts by a trust of user and project KEY, and keystone has none',
  },
  {
    id: 'heat/stack-user',
    services: ['keystone', 'heat'],
    what: 'stack',
    rows: {
      repo: 'heat',
      from: '$.stack s JOIN $.user_creds c ON c.id = s.user_creds_id',
      id: 's.id',
      key: 'c.trustor_user_id',
      where: 's.deleted_at IS NULL AND c.trustor_user_id IS NOT NULL',
    },
    to: users,
    says: 'acts for user KEY, whom keystone does not have',
  },
  {
    id: 'heat/stack-domain-project',
    services: ['keystone', 'heat'],
    what: 'stack',
    rows: {
      repo: 'heat',
      from: '$.stack',
      id: 'id',
      key: 'stack_user_project_id',
      where: 'deleted_at IS NULL AND stack_user_project_id IS NOT NULL',
    },
    to: [projects],
    says: 'has its users in project KEY, which keystone does not have',
  },
  {
    id: 'heat/engine-host',
    services: ['heat'],
    what: 'engine',
    rows: {
      repo: 'heat',
      from: '$.service',
      id: 'id',
      key: 'host',
      where: `deleted_at IS NULL AND ${text('host')} = ${oldHost}`,
    },
    to: [],
    says: 'names the old controller, which no longer serves',
  },
]

const assignment = "CONCAT_WS(' ', actor_id, target_id, role_id)"

export const keystone: readonly Reference[] = [
  {
    id: 'keystone/assignment-actor',
    services: ['keystone'],
    what: 'role assignment (actor, target, role)',
    rows: { repo: 'keystone', from: '$.assignment', id: assignment, key: 'actor_id' },
    to: [...users, { repo: 'keystone', from: '$.`group`', key: 'id' }],
    says: 'is of a user or group that keystone does not have',
  },
  {
    id: 'keystone/assignment-target',
    services: ['keystone'],
    what: 'role assignment (actor, target, role)',
    rows: { repo: 'keystone', from: '$.assignment', id: assignment, key: 'target_id' },
    to: [projects],
    says: 'is on project or domain KEY, which keystone does not have',
  },
  {
    id: 'keystone/assignment-role',
    services: ['keystone'],
    what: 'role assignment (actor, target, role)',
    rows: { repo: 'keystone', from: '$.assignment', id: assignment, key: 'role_id' },
    to: [{ repo: 'keystone', from: '$.role', key: 'id' }],
    says: 'is of role KEY, which keystone does not have',
  },
  {
    id: 'keystone/credential-user',
    services: ['keystone'],
    what: 'credential',
    rows: { repo: 'keystone', from: '$.credential', id: 'id', key: 'user_id' },
    to: users,
    says: 'is of user KEY, whom keystone does not have',
  },
  {
    id: 'keystone/application-credential-user',
    services: ['keystone'],
    what: 'application credential',
    rows: { repo: 'keystone', from: '$.application_credential', id: 'id', key: 'user_id' },
    to: users,
    says: 'is of user KEY, whom keystone does not have',
  },
  owned('nova', 'instance', { ...instances, id: 'uuid', key: 'project_id' }),
  owned('cinder', 'volume', { repo: 'cinder', from: '$.volumes', id: 'id', key: 'project_id', where: 'deleted = 0' }),
  owned('neutron', 'network', {
    repo: 'neutron',
    from: '$.networks',
    id: 'id',
    key: 'project_id',
    where: "project_id <> ''",
  }),
]
