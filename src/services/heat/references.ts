import { projects, users } from '../keystone/owned.ts'
import { oldHost, type Reference, text } from '../reference.ts'

export const heatReferences: readonly Reference[] = [
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
