import type { Reference, Rows } from '../reference.ts'

export const projects = { repo: 'keystone', from: '$.project', key: 'id' } as const satisfies Rows

/** users of LDAP and federations appear only in their mapping, or not at all */
export const users: readonly Rows[] = [
  { repo: 'keystone', from: '$.user', key: 'id' },
  { repo: 'keystone', from: '$.id_mapping', key: 'public_id' },
]

/** A resource's project must exist in keystone. */
export const owned = (service: string, what: string, rows: Reference['rows']): Reference => ({
  id: `${service}/project-of-${what}`,
  services: ['keystone', service],
  what,
  rows,
  to: [projects],
  says: 'belongs to project KEY, which keystone does not have',
})
