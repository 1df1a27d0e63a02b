import type { Reference, Rows } from '../reference.ts'

export const projects = { repo: 'keystone', from: '$.project', key: 'id' } as const satisfies Rows

/** users of LDAP and of federations are known by their mapping, or not at all */
export const users: readonly Rows[] = [
  { repo: 'keystone', from: '$.user', key: 'id' },
  { repo: 'keystone', from: '$.id_mapping', key: 'public_id' },
]

/** What belongs to a project has to belong to one that keystone has. */
export const owned = (service: string, what: string, rows: Reference['rows']): Reference => ({
  id: `${service}/project-of-${what}`,
  services: ['keystone', service],
  what,
  rows,
  to: [projects],
  says: 'belongs to project KEY, which keystone does not have',
})
