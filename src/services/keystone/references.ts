import type { Reference } from '../reference.ts'
import { projects, users } from './owned.ts'

const assignment = "CONCAT_WS(' ', actor_id, target_id, role_id)"

export const keystoneReferences: readonly Reference[] = [
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
]
