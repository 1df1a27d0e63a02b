import type { Kept } from '../kept.ts'

export const keystoneKept: readonly Kept[] = [
  {
    what: 'user',
    repo: 'keystone',
    table: 'user',
    id: 't.id',
    name: 'l.name',
    created: 't.created_at',
    join: 'LEFT JOIN local_user l ON l.user_id = t.id',
  },
  { what: 'project or domain', repo: 'keystone', table: 'project', id: 't.id', name: 't.name' },
  { what: 'group', repo: 'keystone', table: 'group', id: 't.id', name: 't.name' },
  { what: 'role', repo: 'keystone', table: 'role', id: 't.id', name: 't.name' },
  {
    what: 'role assignment',
    repo: 'keystone',
    table: 'assignment',
    id: "CONCAT_WS('/', t.type, t.actor_id, t.target_id, t.role_id, t.inherited)",
    name: "''",
  },
  { what: 'application credential', repo: 'keystone', table: 'application_credential', id: 't.id', name: 't.name' },
  { what: 'credential', repo: 'keystone', table: 'credential', id: 't.id', name: 't.type' },
]

export const keystoneOwn: readonly string[] = ['revocation_event']
