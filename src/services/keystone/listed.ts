import type { Listed, Member } from '../listing.ts'

const rows = (
  what: string,
  table: string,
  members: Readonly<Record<string, Member | string>>,
  rest: {
    readonly columns?: readonly string[]
    readonly unless?: string
    readonly where?: string
    readonly mark?: string
  } = {},
): Listed => ({ what, repo: 'keystone', from: `$.${table} k`, columns: ['id'], id: 'k.id', members, ...rest })

const enabled = { sql: 'k.enabled', as: 'flag' } as const
const named = { name: 'k.name', enabled } as const

const service = { name: { sql: 'k.extra', as: 'json:name' }, type: 'k.type' } as const

/** keystone/resource/backends/sql.py: the API does not show the domain that contains all domains. */
const real = "k.id <> '<<keystone.domain.root>>'"

/** Since newton a user's name is stored with the password: here, at another keystone, or nowhere. */
const userName = `COALESCE((SELECT l.name FROM $.local_user l WHERE l.user_id = k.id LIMIT 1),
  (SELECT n.name FROM $.nonlocal_user n WHERE n.user_id = k.id LIMIT 1),
  (SELECT f.display_name FROM $.federated_user f WHERE f.user_id = k.id LIMIT 1))`

export const keystoneListed: readonly Listed[] = [
  rows('domains', 'project', named, { columns: ['is_domain'], where: `k.is_domain = 1 AND ${real}` }),
  rows('domains', 'domain', named, { where: real }),
  rows('projects', 'project', named, { columns: ['is_domain'], where: `k.is_domain = 0 AND ${real}` }),
  rows('projects', 'project', named, { unless: 'is_domain' }),
  rows('users', 'user', named, { columns: ['name'] }),
  rows('users', 'user', { name: userName, enabled }, { columns: ['created_at'], unless: 'name' }),
  rows('users', 'user', { enabled }, { unless: 'created_at' }),
  rows('groups', 'group', { name: 'k.name' }),
  rows('regions', 'region', { parent_region_id: 'k.parent_region_id' }),
  rows('services', 'service', { ...service, enabled }, { columns: ['enabled'] }),
  rows('services', 'service', service, { unless: 'enabled' }),
  rows('roles', 'role', { name: 'k.name' }, { columns: ['domain_id'], where: "k.domain_id = '<<null>>'" }),
  rows('roles', 'role', { name: 'k.name' }, { unless: 'domain_id' }),
  // the content is encrypted, so for a changed credential it is unknown
  rows(
    'credentials',
    'credential',
    { type: 'k.type', user_id: 'k.user_id', project_id: 'k.project_id' },
    { columns: ['encrypted_blob'], where: "k.type <> 'swapctl'", mark: 'SHA2(k.encrypted_blob, 256)' },
  ),
  rows(
    'credentials',
    'credential',
    { type: 'k.type', user_id: 'k.user_id', project_id: 'k.project_id' },
    { unless: 'encrypted_blob', where: "k.type <> 'swapctl'", mark: 'SHA2(k.blob, 256)' },
  ),
]
